import { type Command, Option } from 'commander'
import { createLogger } from '../../../shared/logger.ts'
import { isSame, openingAct, readOpenings } from '../../report/golden/openings.ts'
import { readItems, setOf, withOpenings } from '../../report/golden/sets.ts'
import { cell } from '../../report/format/csv.ts'
import { formatText } from '../../report/format/text.ts'
import { candidatesOf } from '../../report/load-verdicts.ts'
import { command, type CommonOptions, configOf } from '../command.ts'
import { exitCodeOf } from '../gate.ts'
import { usage } from '../input-file.ts'
import { writeOutput } from '../output-file.ts'
import { withReader } from '../reader.ts'
import { terminal } from '../summary.ts'
import { askSet } from './ask-set.ts'
import { type GoldenRun, runOf } from './result.ts'
import { versionIn } from './version.ts'
import { recordFirst } from './writer.ts'

type RunOptions = CommonOptions & {
  candidate: string
  signOff?: boolean
  format?: 'text' | 'json' | 'csv'
  output?: string
  setVersion?: string
}

export function runGoldenCommand(): Command {
  return command('run', 'ask a candidate about a set; exit 0 go, 5 go except, 3 no_go, 4 inconclusive')
    .argument('<name>')
    .requiredOption('--candidate <name>', 'the candidate to ask, with the control; it is paid for, within its budget')
    .option(
      '--sign-off',
      'on the hold-out: this opens it, which is recorded and said in every report on the set from then on',
    )
    .option('--set-version <n>', 'default: the newest')
    .addOption(new Option('--format <name>', 'text: the verdict; csv: every exchange').choices(['text', 'json', 'csv']))
    .option('-o, --output <file>', 'default: standard output')
    .action(async (name: string, options: RunOptions) => {
      const run = await runSet(name, options)
      const format = options.format ?? (options.json === true ? 'json' : 'text')
      const text = formats[format](run, options.output === undefined && terminal().colors)
      if (options.output === undefined) process.stdout.write(text)
      else await writeOutput(options.output, text)
      process.exitCode = exitCodeOf(run.verdict)
    })
}

async function runSet(name: string, options: RunOptions): Promise<GoldenRun> {
  const config = configOf(options)
  const { name: candidate, fingerprint: armFingerprint } = candidatesOf(config, options.candidate)[0]!
  const split = options.signOff === true ? 'holdout' : 'dev'
  const stored = await withReader(config, (store) => setOf(store, name, versionIn(options)))
  if (split === 'holdout') {
    if (stored.holdout === 0) throw usage(`${name} has no hold-out: freeze a set with --holdout 0.3`)
    const opening = { how: 'run' as const, candidate, armFingerprint, address: stored.address }
    await recordFirst(config, openingAct(name, opening), async (store) =>
      (await readOpenings(store, name)).some((known) => isSame(known, opening)),
    )
  }
  const { set, items } = await withReader(config, async (store) => ({
    set: await withOpenings(store, stored),
    items: (await readItems(store, stored, split)).map(({ item }) => item),
  }))
  if (items.length === 0)
    throw usage(`there is nothing to ask in this part of ${name}: all of it is kept back, or was erased`)
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  const asked = await askSet(config, candidate, items, {
    logger: createLogger('golden', 'warn'),
    signal: stop.signal,
    onAsked: (done) => tellProgress(done, items.length),
  })
  return runOf(config, candidate, { set, split, asked, now: new Date() })
}

/** Where a person waits. */
function tellProgress(done: number, all: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\rasked ${done} of ${all}${done === all ? '\n' : ''}`)
}

const formats: Record<NonNullable<RunOptions['format']>, (run: GoldenRun, colors: boolean) => string> = {
  text: ({ verdict }, colors) => formatText([{ verdict, worst: [] }], { colors }),
  json: (run) => `${JSON.stringify(run, null, 2)}\n`,
  csv: ({ items }) => {
    const names = Object.keys(items[0]!) as (keyof GoldenRun['items'][number])[]
    const lines = items.map((item) => names.map((column) => cell(item[column])))
    return [names, ...lines].map((line) => `${line.join(',')}\r\n`).join('')
  },
}
