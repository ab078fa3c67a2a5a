import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { type Command } from 'commander'
import { type Config } from '../../shared/config/schema.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { openTopicLog } from '../../shared/log/open.ts'
import { type LogRecord, type TopicLog } from '../../shared/log/topic-log.ts'
import { createLogger } from '../../shared/logger.ts'
import { createLedger } from '../tap/ledger.ts'
import { command, type CommonOptions, configOf, print } from './command.ts'
import { upstreamChooser, type UpstreamOf } from './import-line.ts'
import { createLineReader, type LineReader } from './line-reader.ts'
import { type Progress, startProgress } from './progress.ts'
import { UnusableLine, unusableReasons } from './unusable-line.ts'

type ImportOptions = CommonOptions & { upstream?: string }

/** `unusable` keeps the first few line numbers of each reason. */
export type ImportResult = {
  lines: number
  published: number
  unusable: Record<string, { count: number; firstLines: number[] }>
}

export function importCommand(): Command {
  return command(
    'import',
    'file existing request/response logs as exchanges: a first report before anything is deployed',
  )
    .argument('<files...>', 'JSONL: {"request": …, "response": …, "timestamp": …, "latency_ms": …} a line')
    .option('--upstream <name>', 'the upstream that the exchanges came from, where the config has several of a dialect')
    .action(async (files: string[], options: ImportOptions) => {
      const config = configOf(options)
      for (const file of files) await assertReadable(file)
      const log = await openTopicLog(config.log, {
        logger: createLogger('import', 'warn'),
        clientId: 'understudy-import',
      })
      try {
        await log.prepare()
        const result = await importFiles(files, config, log, upstreamChooser(config.tap.upstreams, options.upstream))
        print(options, result, describe(result))
        if (result.published === 0) process.exitCode = 1
      } finally {
        await log.close()
      }
    })
}

export async function importFiles(
  files: readonly string[],
  config: Pick<Config, 'tap' | 'routes'>,
  log: Pick<TopicLog, 'publish'>,
  upstreamOf: UpstreamOf,
): Promise<ImportResult> {
  const result: ImportResult = { lines: 0, published: 0, unusable: {} }
  const read = createLineReader(config, upstreamOf, 'import')
  const ledger = createLedger((records) => log.publish('ledger', records), { stage: 'import' })
  for (const file of files) {
    const { size, mtime } = await stat(file)
    const progress = startProgress(file, size)
    await importFile(file, { read, ledger, log, result, progress, writtenAt: mtime })
    progress.finish()
  }
  await ledger.flush()
  return result
}

type Work = {
  read: LineReader
  ledger: ReturnType<typeof createLedger>
  log: Pick<TopicLog, 'publish'>
  result: ImportResult
  progress: Progress
  /** When the file was last written. */
  writtenAt: Date
}

/** Records are published in batches; a line counts as published only when the log has taken it. */
async function importFile(file: string, work: Work): Promise<void> {
  let batch: LogRecord[] = []
  let settle: (() => void)[] = []
  const publish = async (): Promise<void> => {
    if (batch.length > 0) await work.log.publish('exchanges', batch)
    for (const settled of settle) settled()
    batch = []
    settle = []
  }
  let readBytes = 0
  let number = 0
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number += 1
    readBytes += Buffer.byteLength(line) + 1
    work.progress.update(readBytes)
    if (line.trim() === '') continue
    work.result.lines += 1
    const record = await recordOf(line, number, work, settle)
    if (record !== null) batch.push(record)
    if (batch.length >= 200) await publish()
  }
  await publish()
}

async function recordOf(line: string, number: number, work: Work, settle: (() => void)[]): Promise<LogRecord | null> {
  const { ledger, result } = work
  try {
    const { key, record } = await work.read(line, work.writtenAt)
    settle.push(() => {
      result.published += 1
      ledger.count(key, 'served')
      ledger.count(key, 'published')
    })
    return record
  } catch (err) {
    if (!(err instanceof UnusableLine)) throw err
    const seen = (result.unusable[err.reason] ??= { count: 0, firstLines: [] })
    seen.count += 1
    if (seen.firstLines.length < 5) seen.firstLines.push(number)
    return null
  }
}

async function assertReadable(file: string): Promise<void> {
  const found = await stat(file).catch(() => null)
  if (found?.isFile() === true) return
  throw new UnderstudyError('IMPORT_UNREADABLE', `${file} is not a file that can be read: check the path`)
}

function describe({ lines, published, unusable }: ImportResult): string {
  const skipped = Object.entries(unusable).map(
    ([reason, { count, firstLines }]) =>
      `  ${count} not used: ${unusableReasons[reason as UnusableLine['reason']]} (line ${firstLines.join(', ')}${count > firstLines.length ? ', …' : ''})`,
  )
  const next =
    published === 0 ? [] : ['`understudy up` asks the candidates about them; `understudy summary` tells the result']
  return [`${published} of ${lines} exchanges imported`, ...skipped, ...next].join('\n')
}
