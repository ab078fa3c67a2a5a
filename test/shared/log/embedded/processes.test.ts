import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { silentLogger } from '../../../../shared/logger.ts'
import { openEmbeddedLog } from '../../../../shared/log/embedded.ts'
import { eventually, someRecords, startReader } from '../support.ts'

type Told = { key: string; partition: number }

function aFile(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-log-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'log.db')
}

function startChild(context: TestContext, ...args: string[]): { child: ChildProcess; told: (Told | 'ready')[] } {
  const child = fork(join(import.meta.dirname, 'child.ts'), args, { execArgv: [] })
  const told: (Told | 'ready')[] = []
  child.on('message', (message: Told | 'ready') => told.push(message))
  context.after(() => child.kill('SIGKILL'))
  return { child, told }
}

const keysOf = (told: (Told | 'ready')[]) => told.flatMap((message) => (message === 'ready' ? [] : message.key))

test('the partitions of a killed process move to the other one and no record is lost', async (context) => {
  const file = aFile(context)
  const [one, other] = [startChild(context, 'consume', file), startChild(context, 'consume', file)]
  const log = await openEmbeddedLog({ file, logger: silentLogger })
  context.after(() => log.close())
  await eventually('both consume', () => one.told.includes('ready') && other.told.includes('ready'))
  let published = 0
  const publish = () => log.publish('exchanges', someRecords(16, `round-${published++}`))
  await eventually('both were given something', async () => {
    await publish()
    return one.told.length > 1 && other.told.length > 1
  })

  const gone = once(one.child, 'exit')
  one.child.kill('SIGKILL')
  await gone
  await publish()
  const all = () => new Set([...keysOf(one.told), ...keysOf(other.told)])
  await eventually('every record was handled by somebody', () => all().size === published * 16)
  await eventually('everything is committed', async () => (await log.lag('replay', 'exchanges')) === 0)
  const partitions = new Set(other.told.flatMap((message) => (message === 'ready' ? [] : message.partition)))
  assert.equal(partitions.size, 8)
})

test('what a killed process was told to be published is there', async (context) => {
  const file = aFile(context)
  const { child, told } = startChild(context, 'publish', file, 'mine')
  await eventually('some records are published', () => told.length >= 100)
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
  const log = await openEmbeddedLog({ file, logger: silentLogger })
  context.after(() => log.close())
  const reader = await startReader(log, { maxBatch: 100 })
  await eventually('all of them', () => {
    const keys = new Set(reader.keys())
    return keysOf(told).every((key) => keys.has(key))
  })
})

test('an idle log costs next to nothing', async (context) => {
  const log = await openEmbeddedLog({ file: aFile(context), logger: silentLogger })
  context.after(() => log.close())
  const readers = [await startReader(log), await startReader(log, { group: 'record' })]
  await log.publish('exchanges', [{ key: 'a', value: '{}' }])
  await eventually('the record', () => readers.every((reader) => reader.deliveries.length === 1))
  const before = process.cpuUsage()
  const from = performance.now()
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  const { user, system } = process.cpuUsage(before)
  const share = (user + system) / 1_000 / (performance.now() - from)
  assert.ok(share < 0.1, `${(share * 100).toFixed(1)} % of one core`)
})
