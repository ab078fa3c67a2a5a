import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { type ScoringPool, startScoringPool } from '../../../../services/compare/workers/pool.ts'

const entry = new URL('odd-worker.ts', import.meta.url)

async function aPool(t: TestContext, { size = 1, setTimeoutMs = 60_000 } = {}): Promise<ScoringPool> {
  const pool = await startScoringPool({ size, setTimeoutMs, workerData: null, entry })
  t.after(() => pool.close())
  return pool
}

const keysOf = async (pool: ScoringPool, order: string) =>
  (await pool.compare(Buffer.from(order))).map(({ key }) => key)

test('every set gets its own answer, however many wait', async (t) => {
  const pool = await aPool(t, { size: 2 })
  const orders = Array.from({ length: 20 }, (_, index) => `set ${index}`)

  deepEqual(
    await Promise.all(orders.map((order) => keysOf(pool, order))),
    orders.map((order) => [order]),
  )
})

test('the bytes handed in stay the caller’s', async (t) => {
  const pool = await aPool(t)
  const set = Buffer.from('again')

  await pool.compare(set)

  deepEqual(
    (await pool.compare(set)).map(({ key }) => key),
    ['again'],
  )
})

test('what comparing throws comes out: ours with its code, another with its class', async (t) => {
  const pool = await aPool(t)

  await rejects(pool.compare(Buffer.from('refuse')), { code: 'MESSAGE_MALFORMED', message: 'is malformed' })
  await rejects(pool.compare(Buffer.from('fail')), TypeError)
  deepEqual(await keysOf(pool, 'next'), ['next'])
})

test('a thread that does not end is replaced, and only the set in its hand is lost', async (t) => {
  const pool = await aPool(t, { setTimeoutMs: 300 })
  const [stuck, next] = [pool.compare(Buffer.from('spin')), keysOf(pool, 'next')]

  await rejects(stuck, { code: 'SCORING_FAILED', retryable: false, message: /not scored within 0\.3 s/ })
  deepEqual(await next, ['next'])
})

test('this process goes on while a thread is stuck', async (t) => {
  const pool = await aPool(t, { setTimeoutMs: 1_000 })
  let beats = 0
  const beat = setInterval(() => beats++, 20)

  await rejects(pool.compare(Buffer.from('spin')), { code: 'SCORING_FAILED' })

  clearInterval(beat)
  ok(beats >= 5, `${beats} beats`)
})

test('a thread that dies is replaced, and the error quotes nothing of the answers', async (t) => {
  const pool = await aPool(t)
  const [exited, waiting] = [pool.compare(Buffer.from('exit')), keysOf(pool, 'next')]

  await rejects(exited, { code: 'SCORING_FAILED' })
  deepEqual(await waiting, ['next'])
  await rejects(pool.compare(Buffer.from('crash')), (err: Error) => {
    ok(err.message.includes('RangeError') && !err.message.includes('secret'))
    return true
  })
  deepEqual(await keysOf(pool, 'after'), ['after'])
})

test('what keeps every thread from working is told at the start', async () => {
  const of = (workerData: string) => startScoringPool({ size: 2, setTimeoutMs: 1_000, workerData, entry })

  await rejects(of('broken'), { code: 'CONFIG_INVALID', message: 'cannot work: mend it' })
  await rejects(of('dead'), { code: 'SCORING_FAILED' })
})

test('closing ends a thread whatever it does, and refuses what waits', async (t) => {
  const pool = await aPool(t)
  const sets = ['spin', 'next'].map((order) => pool.compare(Buffer.from(order)))
  const refused = Promise.all(sets.map((set) => rejects(set, { code: 'STAGE_STOPPING', retryable: true })))

  await pool.close()

  equal((await refused).length, 2)
  await rejects(pool.compare(Buffer.from('late')), { code: 'STAGE_STOPPING' })
})
