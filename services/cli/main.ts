#!/usr/bin/env node
import '../../shared/young-objects.ts'
import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import { UnderstudyError } from '../../shared/errors.ts'
import type { StageMessage } from './stages.ts'

/** What was compiled is kept for the next start, which then takes half as long; where nobody else can write, for it is run as it is. */
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url)))

/** In the order of the help. Only the one that was asked for is loaded, so that it answers at once. */
const commands: Record<string, () => Promise<Command[]>> = {
  init: async () => [(await import('./init.ts')).initCommand()],
  doctor: async () => [(await import('./doctor.ts')).doctorCommand()],
  up: async () => [(await import('./up.ts')).upCommand()],
  run: async () => (await import('./stages.ts')).stageCommands(),
  rehearse: async () => [(await import('./replay-rehearse.ts')).rehearseCommand()],
  compare: async () => [(await import('./compare.ts')).compareCommand()],
  replay: async () => [(await import('./replay.ts')).replayCommand()],
  demo: async () => [(await import('./demo.ts')).demoCommand()],
  import: async () => [(await import('./import.ts')).importCommand()],
  summary: async () => [(await import('./summary.ts')).summaryCommand()],
  gate: async () => [(await import('./gate.ts')).gateCommand()],
  golden: async () => [(await import('./golden.ts')).goldenCommand()],
  plan: async () => [(await import('./plan.ts')).planCommand()],
  verdict: async () => [(await import('./verdict.ts')).verdictCommand()],
  translate: async () => [(await import('./translate.ts')).translateCommand()],
  read: async () => [(await import('./read.ts')).readCommand()],
  price: async () => [(await import('./price.ts')).priceCommand()],
  sql: async () => [(await import('./sql.ts')).sqlCommand()],
  'dead-letters': async () => [(await import('./dead-letters.ts')).deadLettersCommand()],
  erase: async () => [(await import('./erase.ts')).eraseCommand()],
  audit: async () => [(await import('./audit.ts')).auditCommand()],
  reencrypt: async () => [(await import('./reencrypt.ts')).reencryptCommand()],
  backup: async () => [(await import('./backup.ts')).backupCommand()],
  restore: async () => [(await import('./backup.ts')).restoreCommand()],
  migrate: async () => [(await import('./migrate.ts')).migrateCommand()],
}

/** Exit codes: 0 done (gate, verdict: go), 1 failed, 2 usage or configuration, 3 no_go, 4 inconclusive, 5 go except. */
async function main(argv: string[]): Promise<void> {
  const program = new Command('understudy')
    .description('Find out, from your own traffic, whether another model can replace the one you serve.')
    .version(versionOf(new URL('../../package.json', import.meta.url)))
  const asked = Object.hasOwn(commands, argv[2] ?? '') ? commands[argv[2]!] : undefined
  const loaders = asked === undefined ? Object.values(commands) : [asked]
  for (const load of loaders) for (const command of await load()) program.addCommand(command)
  await withOwnErrors(program).parseAsync(argv)
}

/** Commander's errors are thrown, and told as all others are: also as JSON. */
function withOwnErrors(command: Command): Command {
  for (const child of command.commands) withOwnErrors(child)
  return command.exitOverride().configureOutput({ outputError: () => {} })
}

function versionOf(packageFile: URL): string {
  return (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version
}

try {
  await main(process.argv)
} catch (err) {
  // A process of `up` has its failure still to send; any other is over, whatever it left half done.
  const hasToSend = process.connected
  process.exitCode = reportFailure(err)
  if (!hasToSend) process.exit()
}

function reportFailure(err: unknown): number {
  // Commander has printed the help or the version already.
  if (err instanceof CommanderError && err.exitCode === 0) return 0
  if (err instanceof CommanderError && err.code === 'commander.help') return 2
  const failure = failureOf(err)
  if (process.connected) {
    // Started by `up`, which says it once, where the person looks.
    process.send?.({ failed: { code: failure.code, message: failure.message } } satisfies StageMessage)
    process.disconnect?.()
  } else if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ error: { code: failure.code, message: failure.message } })}\n`)
  } else {
    process.stderr.write(`understudy: ${failure.message}\n`)
  }
  if (failure.code === 'INTERNAL' && err instanceof Error) process.stderr.write(`${err.stack}\n`)
  return failure.exitCode
}

function failureOf(err: unknown): UnderstudyError {
  if (err instanceof UnderstudyError) return err
  if (err instanceof CommanderError)
    return new UnderstudyError('USAGE', `${err.message.replace(/^error: /, '').replaceAll('\n', ' ')} (${helpHint()})`)
  return new UnderstudyError('INTERNAL', String(err), { cause: err })
}

function helpHint(): string {
  const asked = process.argv[2] ?? ''
  return `see understudy ${Object.hasOwn(commands, asked) ? `${asked} ` : ''}--help`
}
