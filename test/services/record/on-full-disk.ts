// The stage on a store whose disk is full, until somebody makes room: node on-full-disk.ts DISK LOG. Tells what it saw as JSON.
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { startRecord } from '../../../services/record/main.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { eventually } from '../../shared/log/support.ts'
import { aComparison } from './samples.ts'

const [disk, logFile] = process.argv.slice(2)
const told: { code?: string; reason?: string }[] = []
const logger = pino(
  { level: 'warn' },
  new Writable({ write: (line, _, done) => (told.push(JSON.parse(String(line))), done()) }),
)
const log = await openTopicLog({ embedded: logFile! }, { logger, clientId: 'test' })
await log.prepare()
const store = await openEmbedded(join(disk!, 'store'), 'embedded')
await migrate(store)

const ballast = join(disk!, 'ballast')
fillUp(ballast)
const comparisons = Array.from({ length: 200 }, (_, nth) => aComparison(`${nth}`))
await log.publish(
  'comparisons',
  comparisons.map((each) => ({ key: each.exchangeId, value: JSON.stringify(each) })),
)
const record = await startRecord({ log, store, logger })
await eventually('the full disk is told', () => told.filter(({ code }) => code === 'STORE_UNAVAILABLE').length >= 2)
const waiting = await log.lag('record', 'comparisons')
rmSync(ballast)
await eventually('everything is stored', async () => (await log.lag('record', 'comparisons')) === 0)
await record.stop()
const [row] = await store.query<{ n: number }>('SELECT toFloat64(uniqExact(comparison_id)) AS n FROM comparisons')
const letters = await log.lag('anyone', 'dead-letters')
const reason = told.find(({ code }) => code === 'STORE_UNAVAILABLE')?.reason
process.stdout.write(`${JSON.stringify({ waiting, stored: row!.n, letters, reason })}\n`, () => process.exit(0))

function fillUp(file: string): void {
  const handle = openSync(file, 'w')
  for (let bytes = 1024 * 1024; bytes > 1024;) {
    try {
      writeSync(handle, Buffer.alloc(bytes, 1))
    } catch {
      bytes /= 2
    }
  }
  closeSync(handle)
}
