import { Command, Option } from 'commander'
import { loadConfig } from '../../shared/config/load.ts'
import { type Config } from '../../shared/config/schema.ts'

export const defaultConfigFile = 'understudy.yaml'

export type CommonOptions = { config: string; json?: boolean }

/** A command with the two options that every command has. */
export function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('-c, --config <file>', 'the config file', defaultConfigFile)
    .option('--json', 'machine-readable output')
}

export function logLevelOption(level: 'info' | 'warn'): Option {
  return new Option('--log-level <level>', 'what goes to standard error')
    .choices(['debug', 'info', 'warn', 'error'])
    .default(level)
}

export function configOf(options: CommonOptions): Config {
  return loadConfig(options.config, process.env)
}

/** One JSON document, or the text for people. */
export function print(options: Pick<CommonOptions, 'json'>, data: unknown, text: string): void {
  process.stdout.write(options.json ? `${JSON.stringify(data, null, 2)}\n` : `${text}\n`)
}
