import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { after, test, type TestContext } from 'node:test'
import { pino } from 'pino'
import { startRecord } from '../../../services/record/main.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { silentLogger } from '../../../shared/logger.ts'
import { openStore } from '../../../shared/store/open.ts'
import { eventually } from '../../shared/log/support.ts'
import { pretendClickhouse, refusing, type Trouble } from './pretend-clickhouse.ts'
import { aComparison } from './samples.ts'

const isInsert = (statement: string) => statement.startsWith('INSERT INTO comparisons')
const isErasureList = (statement: string) => statement.includes('FROM erasures')

type Case = { what: string; when: (statement: string) => boolean; trouble: NonNullable<Trouble>; told: RegExp }

const cases: Case[] = [
  {
    what: 'has no memory for an insert',
    when: isInsert,
    trouble: refusing(
      241,
      'MEMORY_LIMIT_EXCEEDED',
      'Memory limit (total) exceeded: would use 1.81 GiB (attempt to allocate chunk of 4.00 MiB bytes), maximum: 1.80 GiB',
    )!,
    told: /Code: 241.*give it more memory.*waits in the log/,
  },
  {
    what: 'has no memory to be asked',
    when: isErasureList,
    trouble: refusing(241, 'MEMORY_LIMIT_EXCEEDED', 'Memory limit (for query) exceeded: would use 1.81 GiB')!,
    told: /Code: 241.*give it more memory/,
  },
  {
    what: 'has too many parts',
    when: isInsert,
    trouble: refusing(
      252,
      'TOO_MANY_PARTS',
      'Too many parts (3001 with average size of 12.00 KiB) in table understudy.comparisons. Merges are processing significantly slower than inserts',
    )!,
    told: /Code: 252.*system\.merges/,
  },
  {
    what: 'has too many queries',
    when: isInsert,
    trouble: refusing(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many simultaneous queries. Maximum: 100')!,
    told: /Code: 202.*max_concurrent_queries/,
  },
  {
    what: 'has a full disk',
    when: isInsert,
    trouble: refusing(243, 'NOT_ENOUGH_SPACE', 'Cannot reserve 1.00 MiB, not enough space')!,
    told: /disk is full.*retention\.bodiesDays/,
  },
  {
    what: 'is read-only',
    when: isInsert,
    trouble: refusing(242, 'TABLE_IS_READ_ONLY', 'Table is in readonly mode since table metadata was not found')!,
    told: /Code: 242.*lost its Keeper/,
  },
  {
    what: 'knows the user no more',
    when: isInsert,
    trouble: refusing(516, 'AUTHENTICATION_FAILED', 'default: Authentication failed: password is incorrect', 403)!,
    told: /Code: 516.*store\.clickhouse\.username/,
  },
  {
    what: 'takes the right to write away',
    when: isInsert,
    trouble: refusing(497, 'ACCESS_DENIED', 'default: Not enough privileges', 403)!,
    told: /Code: 497.*give this user the right/,
  },
  {
    what: 'has lost the table of erasures',
    when: isErasureList,
    trouble: refusing(60, 'UNKNOWN_TABLE', 'Unknown table expression identifier erasures', 404)!,
    told: /Code: 60.*understudy migrate/,
  },
  {
    what: 'has lost a table',
    when: isInsert,
    trouble: refusing(60, 'UNKNOWN_TABLE', 'Table understudy.comparisons does not exist', 404)!,
    told: /Code: 60/,
  },
  {
    what: 'is behind a proxy that does not reach it',
    when: isInsert,
    trouble: (response) => void response.writeHead(503, { 'content-type': 'text/html' }).end('<html>no</html>'),
    told: /cannot be reached.*start it, or correct store\.clickhouse/,
  },
  {
    what: 'hangs up',
    when: isInsert,
    trouble: (response: ServerResponse) => void response.destroy(),
    told: /cannot be reached.*start it, or correct store\.clickhouse/,
  },
]

/** A log in a file with one comparison in it, and a logger whose lines are kept. */
async function setUp(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bad-'))
  const log = await openTopicLog({ embedded: join(folder, 'log.db') }, { logger: silentLogger, clientId: 'test' })
  const lines: { code?: string; reason?: string; msg: string }[] = []
  const logger = pino(
    { level: 'warn' },
    new Writable({ write: (line, _, done) => (lines.push(JSON.parse(String(line))), done()) }),
  )
  context.after(async () => {
    await log.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await log.prepare()
  await log.publish('comparisons', [{ key: 'k', value: JSON.stringify(aComparison()) }])
  return { folder, log, lines, logger }
}

for (const { what, when, trouble, told } of cases) {
  test(`a ClickHouse that ${what} is told with a cure, and records wait until it is well`, async (context) => {
    const { folder, lines, logger } = await setUp(context)
    const log = await openTopicLog({ embedded: join(folder, 'log.db') }, { logger, clientId: 'test' })
    let troubles = 2
    const server = await pretendClickhouse(context, (statement) => (when(statement) && troubles-- > 0 ? trouble : null))
    const store = await openStore(server.config, { logger, access: 'owner' })
    const record = await startRecord({ log, store, logger })
    await eventually('the comparison is stored', async () => (await log.lag('record', 'comparisons')) === 0)
    await record.stop()
    await store.close()

    assert.equal(server.stored['comparisons']?.length, 1)
    assert.equal(await log.lag('someone', 'dead-letters'), 0, 'nothing was given up')
    await log.close()
    const waits = lines.filter(({ msg }) => msg === 'batch is retried')
    assert.equal(waits.length, 2)
    for (const { code, reason } of waits) {
      assert.equal(code, 'STORE_UNAVAILABLE')
      assert.match(reason!, told)
    }
  })
}

const root = mkdtempSync(join(tmpdir(), 'understudy-full-'))
after(() => rmSync(root, { recursive: true, force: true }))
/** With a small disk of its own, which only this process sees: where the kernel lets anybody make one. */
const onSmallDisk = (size: string, ...command: string[]) =>
  spawnSync(
    'unshare',
    ['-rm', 'sh', '-c', `mount -t tmpfs -o size=${size} tmpfs ${root} && exec "$0" "$@"`, ...command],
    {
      encoding: 'utf8',
    },
  )
const skip = onSmallDisk('1m', 'true').status === 0 ? false : 'needs user namespaces (Linux)'

test('on a disk that is full records wait, and are stored when there is room again', { skip }, () => {
  const logs = mkdtempSync(join(tmpdir(), 'understudy-full-log-'))
  after(() => rmSync(logs, { recursive: true, force: true }))
  const program = join(import.meta.dirname, 'on-full-disk.ts')
  const { stdout, stderr } = onSmallDisk('64m', process.execPath, program, root, join(logs, 'log.db'))
  const told = JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')) ?? assert.fail(stderr)) as {
    reason: string
  }
  assert.match(told.reason, /the store's disk is full .*free some space/s)
  assert.deepEqual({ ...told, reason: '' }, { waiting: 200, stored: 200, letters: 0, reason: '' })
})
