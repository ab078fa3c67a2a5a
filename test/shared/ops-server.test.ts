import { deepEqual, equal, match, rejects } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createMetrics, type Metrics } from '../../shared/metrics.ts'
import { type OpsOptions, startOpsServer } from '../../shared/ops-server.ts'

async function start(context: TestContext, changes: Partial<OpsOptions> = {}): Promise<string> {
  const ops = await startOpsServer({
    listen: '127.0.0.1:0',
    configKey: 'tap.ops',
    readiness: () => ({ listening: true }),
    metrics: createMetrics(),
    ...changes,
  })
  context.after(() => ops.stop())
  return ops.url
}

test('readiness is 503 as long as one part is missing, and names the parts; health does not depend on it', async (t) => {
  let mirror = false
  const url = await start(t, { readiness: () => ({ listening: true, mirror }) })
  const before = await fetch(`${url}/readyz`)
  equal(before.status, 503)
  deepEqual(await before.json(), { ready: false, listening: true, mirror: false })
  equal((await fetch(`${url}/healthz`)).status, 200)
  mirror = true
  const after = await fetch(`${url}/readyz?verbose`)
  equal(after.status, 200)
  deepEqual(await after.json(), { ready: true, listening: true, mirror: true })
})

test('of parts that are counted, one at least makes it ready', async (t) => {
  let serving = 0
  const url = await start(t, { readiness: () => ({ serving, processes: 3 }) })
  equal((await fetch(`${url}/readyz`)).status, 503)
  serving = 1
  const after = await fetch(`${url}/readyz`)
  equal(after.status, 200)
  deepEqual(await after.json(), { ready: true, serving: 1, processes: 3 })
})

test('metrics are served in the Prometheus text format', async (t) => {
  const url = await start(t)
  const answer = await fetch(`${url}/metrics`)
  match(answer.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/)
  match(await answer.text(), /^process_resident_memory_bytes \d+/m)
  const head = await fetch(`${url}/healthz`, { method: 'HEAD' })
  equal(head.status, 200)
  equal(await head.text(), '')
})

test('anything else is refused, and a reading that fails is an answer too', async (t) => {
  const broken: Pick<Metrics, 'expose' | 'contentType'> = {
    expose: () => Promise.reject(new Error('no')),
    contentType: 'text/plain',
  }
  const url = await start(t, { metrics: broken })
  equal((await fetch(`${url}/openai/v1/chat/completions`)).status, 404)
  equal((await fetch(`${url}/healthz`, { method: 'POST' })).status, 405)
  equal((await fetch(`${url}/metrics`)).status, 500)
})

test('an address in use is told by the name it has in the config', async (t) => {
  const url = await start(t)
  const { host } = new URL(url)
  await rejects(start(t, { listen: host }), (err: Error & { code: string }) => {
    equal(err.code, 'PORT_TAKEN')
    match(err.message, /^tap\.ops: 127\.0\.0\.1:\d+ is in use\./)
    return true
  })
})
