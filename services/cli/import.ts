import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Option, type Command } from 'commander'
import { type Config } from '../../shared/config/schema.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { openTopicLog } from '../../shared/log/open.ts'
import { type LogRecord, type TopicLog } from '../../shared/log/topic-log.ts'
import { createLogger } from '../../shared/logger.ts'
import { createLedger } from '../tap/ledger.ts'
import { command, type CommonOptions, configOf, print } from './command.ts'
import { upstreamChooser } from './import/copy-of-entry.ts'
import { type Entry, entriesOf } from './import/entries.ts'
import { createEntryReader, type EntryReader, type ReadEntry } from './import/entry-reader.ts'
import { type FormatName, formatNames, formats } from './import/formats.ts'
import { describeScores, importScores } from './import/scores/import-scores.ts'
import { UnusableEntry, type UnusableReason, unusableReasons } from './import/unusable.ts'
import { readInput } from './input-file.ts'
import { startProgress } from './progress.ts'
import { withReader } from './reader.ts'

type ImportOptions = CommonOptions & { upstream?: string; format?: FormatName; scores?: boolean; by?: string }

/** `unusable` says where the first few of each reason are. */
export type ImportResult = {
  read: number
  published: number
  unusable: Partial<Record<UnusableReason, { count: number; first: string[] }>>
}

/** A log to import: a file, or what arrives on standard input. */
export type ImportSource = {
  name: string
  chunks: AsyncIterable<Buffer>
  /** Null: not known. */
  sizeBytes: number | null
  writtenAt: Date | null
}

export function importCommand(): Command {
  return command(
    'import',
    'file existing request/response logs as exchanges: a first report before anything is deployed',
  )
    .argument(
      '<files...>',
      'JSON lines, a JSON array or pages, or CSV: own ({"request": …, "response": …}), or of the tools below; -: standard input',
    )
    .addOption(new Option('--format <name>', 'what wrote the files; otherwise told by each entry').choices(formatNames))
    .option('--upstream <name>', 'the upstream that the exchanges came from, where the config has several of a dialect')
    .option(
      '--scores',
      'the files hold scores of exchanges that were compared: of promptfoo, DeepEval, Ragas, or your own',
    )
    .option('--by <name>', 'with --scores: who made them, where the file does not say')
    .addHelpText('after', scoresHelp)
    .action(async (files: string[], options: ImportOptions) => {
      const config = configOf(options)
      if (options.by !== undefined && options.scores !== true)
        throw new UnderstudyError('USAGE', '--by goes with --scores')
      if (options.scores === true) return await importScoreFiles(files, options, config)
      const upstreamOf = upstreamChooser(config.tap.upstreams, options.upstream)
      const format = options.format === undefined ? undefined : formats[options.format]
      const sources = await Promise.all(files.map(sourceOf))
      const log = await openTopicLog(config.log, {
        logger: createLogger('import', 'warn'),
        clientId: 'understudy-import',
      })
      try {
        await log.prepare()
        const read = createEntryReader(config, { upstreamOf, source: 'import', format })
        const result = await importAll(sources, read, log)
        print(options, result, describe(result))
        if (result.published === 0) process.exitCode = 1
      } finally {
        await log.close()
      }
    })
}

const scoresHelp = `
Scores are matched by exchange and arm, so each must say both: a row has "exchangeId" and "arm" (a candidate, control or served),
also within "metadata" or "vars" (promptfoo; without "arm" the provider's label) or "additional_metadata" (DeepEval). Plain rows, JSON or CSV:
{ "exchangeId", "arm", "name", "score", "reason"?, "by"? }, or a column for each score, as Ragas exports them.
The latest import of the same exchange, arm, name and by counts.
`

async function importScoreFiles(names: string[], options: ImportOptions, config: Config): Promise<void> {
  const files = await Promise.all(
    names.map(async (name) => ({ name, text: (await readInput(name)).toString('utf8').replace(/^\uFEFF/, '') })),
  )
  const log = await openTopicLog(config.log, { logger: createLogger('import', 'warn'), clientId: 'understudy-import' })
  try {
    await log.prepare()
    const result = await withReader(config, (store) => importScores(files, options.by, { store, log }))
    print(options, result, describeScores(result))
    if (result.published === 0) process.exitCode = 1
  } finally {
    await log.close()
  }
}

export async function sourceOf(file: string): Promise<ImportSource> {
  if (file === '-') return { name: 'standard input', chunks: process.stdin, sizeBytes: null, writtenAt: null }
  const found = await stat(file).catch(() => null)
  if (found?.isFile() === true) {
    // Opened when its turn comes.
    const chunks = { [Symbol.asyncIterator]: () => createReadStream(file)[Symbol.asyncIterator]() }
    return { name: file, chunks, sizeBytes: found.size, writtenAt: found.mtime }
  }
  throw new UnderstudyError('IMPORT_UNREADABLE', `${file} is not a file that can be read: check the path`)
}

export async function importAll(
  sources: readonly ImportSource[],
  read: EntryReader,
  log: Pick<TopicLog, 'publish'>,
): Promise<ImportResult> {
  const result: ImportResult = { read: 0, published: 0, unusable: {} }
  const ledger = createLedger((records) => log.publish('ledger', records), { stage: 'import' })
  let batch: ReadEntry[] = []

  /** An entry counts as published only when the log has taken it. */
  async function publish(): Promise<void> {
    const records: LogRecord[] = batch.map(({ record }) => record)
    if (records.length > 0) await log.publish('exchanges', records)
    for (const { key } of batch) {
      ledger.count(key, 'served')
      ledger.count(key, 'published')
    }
    result.published += batch.length
    batch = []
  }

  for (const source of sources) {
    for await (const { place, text } of entriesOf(withProgress(source))) {
      result.read += 1
      const entry = await readOne(text, source.writtenAt, read)
      if (typeof entry === 'string') note(result, entry, sources.length > 1 ? `${source.name} ${place}` : place)
      else batch.push(entry)
      if (batch.length >= 200) await publish()
    }
  }
  await publish()
  await ledger.flush()
  return result
}

async function readOne(
  text: Entry['text'],
  writtenAt: Date | null,
  read: EntryReader,
): Promise<ReadEntry | UnusableReason> {
  if (text === null) return 'unreadable'
  try {
    return await read(text, writtenAt)
  } catch (err) {
    if (!(err instanceof UnusableEntry)) throw err
    return err.reason
  }
}

function note({ unusable }: ImportResult, reason: UnusableReason, place: string): void {
  const seen = (unusable[reason] ??= { count: 0, first: [] })
  seen.count += 1
  if (seen.first.length < 5) seen.first.push(place)
}

async function* withProgress({ name, chunks, sizeBytes }: ImportSource): AsyncGenerator<Buffer> {
  const progress = sizeBytes === null ? null : startProgress(name, sizeBytes)
  let readBytes = 0
  for await (const chunk of chunks) {
    yield chunk
    readBytes += chunk.length
    progress?.update(readBytes)
  }
  progress?.finish()
}

function describe({ read, published, unusable }: ImportResult): string {
  const skipped = (Object.keys(unusable) as UnusableReason[]).map((reason) => {
    const { count, first } = unusable[reason]!
    return `  ${count} not used: ${unusableReasons[reason]} (${first.join(', ')}${count > first.length ? ', …' : ''})`
  })
  const next =
    published === 0 ? [] : ['`understudy up` asks the candidates about them; `understudy summary` tells the result']
  return [`${published} of ${read} exchanges imported`, ...skipped, ...next].join('\n')
}
