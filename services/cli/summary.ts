import { type Command, Option } from 'commander'
import { type Config } from '../../shared/config/schema.ts'
import { type Report, reportJsonSchema } from '../../shared/contracts/report.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { type FormatName, formats } from '../report/format/index.ts'
import { comparisonsAsParquet } from '../report/format/parquet.ts'
import { loadReport } from '../report/load-report.ts'
import { loadVerdicts } from '../report/load-verdicts.ts'
import { parseQuery, VerdictParameters } from '../report/query.ts'
import { createReportSource } from '../report/source.ts'
import { basename } from 'node:path'
import { writeAudit } from './audit-trail.ts'
import { armsDesk, hindranceOf } from './arms.ts'
import { command, type CommonOptions, configOf } from './command.ts'
import { usage } from './input-file.ts'
import { writeOutput } from './output-file.ts'
import { withReader } from './reader.ts'
import { readPrivateKey, signed } from './summary-sign.ts'
import { verifyReport } from './summary-verify.ts'

/** What narrows a verdict, as it is written on the command line. */
export type VerdictOptions = {
  candidate?: string
  since?: string
  asOf?: string
  migrationEffortUsd?: string
  recompute?: boolean
}

export function readReport(config: Config, options: VerdictOptions): Promise<Report> {
  const query = queryOf(options)
  return withReader(config, (store) => loadReport(createReportSource(store), config, query))
}

/** Of one candidate, without what a report shows besides. */
export async function readVerdict(config: Config, options: VerdictOptions): Promise<Verdict> {
  const query = queryOf(options)
  const [verdict] = await withReader(config, (store) => loadVerdicts(createReportSource(store), config, query))
  // An unknown candidate has thrown by now.
  return verdict!
}

function queryOf(options: VerdictOptions) {
  const { since, asOf = new Date() } = parseQuery(VerdictParameters, { since: options.since, asOf: options.asOf })
  const { candidate, recompute } = options
  return { candidate, since, asOf, recompute, migrationEffortUsd: effortOf(options.migrationEffortUsd) }
}

function effortOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const usd = Number(text)
  if (text.trim() !== '' && Number.isFinite(usd) && usd >= 0) return usd
  throw usage(`--migration-effort-usd ${text} is no amount: write dollars as a number, such as 12000`)
}

/** The options that `summary` and `gate` share. */
export function withVerdictOptions(cli: Command): Command {
  return cli
    .option('--since <span|date>', 'only traffic from then on: 7d, 12h, 2026-11-01')
    .option('--as-of <time|end>', 'judge as of that time; "end": the traffic has ended, count open conversations too')
}

type SummaryOptions = CommonOptions &
  VerdictOptions & {
    format?: string
    output?: string
    inconclusive: 'skipped' | 'error'
    sign?: string
    schema?: boolean
    verify?: string
    publicKey?: string
  }

const formatNames = [...Object.keys(formats), 'parquet']

export function summaryCommand(): Command {
  const cli = command('summary', 'the equivalence summary: verdict, gates, worst differences, ledger')
    .option('--candidate <name>', 'one candidate; all of them without')
    .option('--format <name>', formatNames.join(' | '))
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .option('--migration-effort-usd <usd>', 'what the change costs once: told in months of savings')
    .addOption(
      new Option('--inconclusive <how>', 'what is not settled in --format junit')
        .choices(['skipped', 'error'])
        .default('skipped'),
    )
    .option('--sign <key.pem>', 'sign the report with an Ed25519 key (json, md, html)')
    .option('--verify <file>', 'make the report of the file again and compare; exit 0 the same, 1 different')
    .option('--recompute', 'from every comparison, and nothing from what was added up before')
    .option('--public-key <key.pem>', 'with --verify: whose signature the report must have')
    .option('--schema', 'print the JSON Schema of --format json')
  return withVerdictOptions(cli).action(async (options: SummaryOptions) => {
    if (options.schema) return void process.stdout.write(`${JSON.stringify(reportJsonSchema(), null, 2)}\n`)
    if (options.verify !== undefined) return await verifyReport(options.verify, configOf(options), options)
    if (options.publicKey !== undefined) throw usage('--public-key goes with --verify: --sign takes the private key')
    await writeSummary(options)
  })
}

async function writeSummary(options: SummaryOptions): Promise<void> {
  const name = options.format ?? (options.json ? 'json' : 'text')
  const { output } = options
  if (!formatNames.includes(name)) {
    throw usage(`there is no format "${name}": choose from ${formatNames.join(', ')}`)
  }
  if (options.sign !== undefined && !['json', 'md', 'html'].includes(name)) {
    throw usage(`--format ${name} cannot carry a signature: choose json, md or html`)
  }
  const key = options.sign === undefined ? null : readPrivateKey(options.sign)
  const config = configOf(options)
  if (name === 'parquet') return await writeParquet(config, options)
  const report = await readReport(config, options)
  const format = { colors: output === undefined && terminal().colors, unsettled: options.inconclusive }
  const text = formats[name as FormatName].of(key === null ? report : signed(report, key), format)
  const hindrances = name === 'text' ? await hindrancesOf(config) : ''
  if (name !== 'text' || output !== undefined) await tellExport(config, options, name)
  if (output !== undefined) await writeOutput(output, text + hindrances)
  else process.stdout.write(text + hindrances)
}

async function writeParquet(config: Config, options: SummaryOptions): Promise<void> {
  if (options.output === undefined && process.stdout.isTTY) {
    throw usage('Parquet is no text for a terminal: name a file with -o, or pipe it')
  }
  const bytes = await withReader(config, (store) => comparisonsAsParquet(store, config, queryOf(options)))
  await tellExport(config, options, 'parquet')
  if (options.output !== undefined) await writeOutput(options.output, bytes)
  else process.stdout.write(bytes)
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

/** A report must come out where only the store can be reached, as in a pipeline's job: then it says that nobody knows of it. */
async function tellExport(config: Config, { candidate = 'all candidates', output }: SummaryOptions, format: string) {
  const details = { format, ...(output === undefined ? {} : { file: basename(output) }) }
  try {
    await writeAudit(config, { action: 'exported', subject: candidate, details })
  } catch (err) {
    process.stderr.write(`understudy: this export is not in the audit log: ${(err as Error).message}\n`)
  }
}

/** Colours and width where a person looks; plain in a pipe. */
export function terminal(): { colors: boolean } {
  return { colors: process.stdout.isTTY && process.stdout.hasColors() }
}
