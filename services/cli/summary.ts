import { writeFile } from 'node:fs/promises'
import { type Command } from 'commander'
import { type Config } from '../../shared/config/schema.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { formatJson } from '../report/format/json.ts'
import { formatMarkdown } from '../report/format/markdown.ts'
import { formatText } from '../report/format/text.ts'
import { loadSummaries } from '../report/load-verdicts.ts'
import { parseQuery, VerdictParameters } from '../report/query.ts'
import { createReportSource } from '../report/source.ts'
import { type Summary } from '../report/summary.ts'
import { armsDesk, hindranceOf } from './arms.ts'
import { command, type CommonOptions, configOf } from './command.ts'
import { withReader } from './reader.ts'

/** What narrows a verdict, as it is written on the command line. */
export type VerdictOptions = { candidate?: string; since?: string; asOf?: string }

/** Every format takes the same summaries, so that no two of them can disagree. */
export const formats: Record<string, (summaries: readonly Summary[]) => string> = {
  text: (summaries) => formatText(summaries),
  json: (summaries) => formatJson(summaries.map(({ verdict }) => verdict)),
  md: (summaries) => formatMarkdown(summaries),
}

export function readSummaries(config: Config, options: VerdictOptions): Promise<Summary[]> {
  const { since, asOf = new Date() } = parseQuery(VerdictParameters, { since: options.since, asOf: options.asOf })
  const query = { candidate: options.candidate, since, asOf }
  return withReader(config, (store) => loadSummaries(createReportSource(store), config, query))
}

/** The options that `summary` and `gate` share. */
export function withVerdictOptions(cli: Command): Command {
  return cli
    .option('--since <span|date>', 'only traffic from then on: 7d, 12h, 2026-11-01')
    .option('--as-of <time|end>', 'judge as of that time; "end": the traffic has ended, count open conversations too')
}

type SummaryOptions = CommonOptions & VerdictOptions & { format?: string; output?: string }

export function summaryCommand(): Command {
  const cli = command('summary', 'the equivalence summary: verdict, gates, worst differences, ledger')
    .option('--candidate <name>', 'one candidate; all of them without')
    .option('--format <name>', Object.keys(formats).join(' | '))
    .option('-o, --output <file>', 'write to a file instead of standard output')
  return withVerdictOptions(cli).action(async (options: SummaryOptions) => {
    const name = options.format ?? (options.json ? 'json' : 'text')
    const format = formats[name]
    if (format === undefined) {
      throw new UnderstudyError('USAGE', `there is no format "${name}": choose from ${Object.keys(formats).join(', ')}`)
    }
    const config = configOf(options)
    const summaries = await readSummaries(config, options)
    const hindrances = name === 'text' ? await hindrancesOf(config) : ''
    if (options.output !== undefined) await writeOutput(options.output, format(summaries) + hindrances)
    else process.stdout.write((name === 'text' ? formatText(summaries, terminal()) : format(summaries)) + hindrances)
  })
}

/** The arms that replay does not ask at present. On Kafka this takes seconds and is left to `doctor` and the API. */
async function hindrancesOf(config: Config): Promise<string> {
  if (!('embedded' in config.log)) return ''
  const found = (await armsDesk(config).list()).flatMap((arm) => {
    const hindrance = hindranceOf(arm)
    return hindrance === null ? [] : [`    • ${hindrance[0]} (${hindrance[1]})\n`]
  })
  return found.length === 0 ? '' : `\n  Not asked at present\n${found.join('')}`
}

async function writeOutput(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const message = `--output ${file} cannot be written (${code}): name a file in a folder that is there and may be written to`
    throw new UnderstudyError('USAGE', message, { cause })
  }
}

/** Colours and width where a person looks; plain in a pipe. */
export function terminal(): { colors: boolean } {
  return { colors: process.stdout.isTTY && process.stdout.hasColors() }
}
