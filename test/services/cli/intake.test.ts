import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { test, type TestContext } from 'node:test'
import { startIntake } from '../../../services/cli/intake.ts'
import { startStages } from '../../../services/cli/stages.ts'
import { startReport } from '../../../services/report/main.ts'
import { Config } from '../../../shared/config/schema.ts'
import { Exchange } from '../../../shared/contracts/exchange.ts'
import { LedgerEntry } from '../../../shared/contracts/ledger.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type LogRecord, type Topic } from '../../../shared/log/topic-log.ts'
import { silentLogger as logger } from '../../../shared/logger.ts'

const settings = {
  tap: {
    upstreams: {
      openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' },
      azure: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' },
    },
    sample: { rate: 0.5 },
  },
  providers: {},
  control: false,
  candidates: [{ name: 'mini', provider: 'openai', model: 'gpt-4.1-mini' }],
  report: { listen: '127.0.0.1:0' },
}
const item = (id: string) => ({
  request: { model: 'gpt-4o', messages: [{ role: 'user', content: 'Mail ada@example.com' }] },
  response: { id, choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Done.' } }] },
  timestamp: '2026-10-01T08:00:00Z',
  latency_ms: 640,
})
const anthropic = { request: {}, response: { type: 'message', content: [] } }

async function startDoor(context: TestContext) {
  const published: { topic: Topic; record: LogRecord }[] = []
  const refuses = new Set<Topic>()
  const log = {
    async publish(topic: Topic, records: LogRecord[]): Promise<void> {
      if (refuses.has(topic)) throw new UnderstudyError('LOG_UNAVAILABLE', 'the log does not answer: start it')
      published.push(...records.map((record) => ({ topic, record })))
    },
  }
  const config = Config.parse(settings)
  const intake = startIntake({ config, log, logger })
  const unused = () => Promise.reject(new Error('no store here'))
  const report = await startReport({
    config,
    store: { kind: 'reader', query: unused, insert: unused, ping: unused },
    logger,
    intake,
    arms: { list: unused, setPaused: unused },
  })
  context.after(() => report.stop())
  const valuesOf = (topic: Topic): unknown[] =>
    published.filter((each) => each.topic === topic).map(({ record }) => JSON.parse(String(record.value)))
  return {
    url: report.url,
    intake,
    refuses,
    send: (body: unknown, options?: SendOptions) => send(report.url, body, options),
    exchanges: () => valuesOf('exchanges').map((value) => Exchange.parse(value)),
    ledger: () =>
      valuesOf('ledger')
        .map((value) => LedgerEntry.parse(value))
        .map(({ stage, upstream, outcome, count }) => [stage, upstream, outcome, count].join(' ')),
  }
}

type SendOptions = { headers?: Record<string, string>; query?: string }

async function send(url: string, body: unknown, { headers = {}, query = '' }: SendOptions = {}) {
  const response = await fetch(`${url}/v1/exchanges${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answered }
}

type Answered = {
  items: number
  accepted: number
  refused: { item: number; reason: string; message: string }[]
  error: { code: string; message: string }
}

/** Sends the head of a body of that size and nothing of the body. */
async function statusOfAnnounced(url: string, sizeBytes: number): Promise<number | undefined> {
  const headers = { 'content-type': 'application/json', 'content-length': sizeBytes }
  const asking = request(`${url}/v1/exchanges`, { method: 'POST', headers, agent: false })
  asking.on('error', () => {})
  asking.flushHeaders()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  asking.destroy()
  return answer.statusCode
}

test('one object is filed as an exchange, redacted, with weight 1, and counted', async (context) => {
  const door = await startDoor(context)

  const { status, body } = await door.send(item('a'))

  equal(status, 202)
  deepEqual(body, { version: 1, items: 1, accepted: 1, refused: [] })
  const [exchange] = door.exchanges()
  deepEqual(
    [exchange?.source, exchange?.upstream, exchange?.sampleProbability, exchange?.served.totalMs],
    ['api', 'openai', 1, 640],
  )
  ok(!JSON.stringify(exchange).includes('ada@example.com'))
  deepEqual(door.ledger(), ['import openai served 1', 'import openai published 1'])
})

test('an array and lines are taken item by item, and each that is not used says why', async (context) => {
  const door = await startDoor(context)

  const array = await door.send([item('a'), 5, { request: {} }, anthropic, { ...item('b'), status: 200.5 }])
  const lines = await door.send(`${JSON.stringify(item('c'))}\r\n\nnot json\n${JSON.stringify(item('d'))}\n`, {
    headers: { 'content-type': 'application/x-ndjson' },
  })

  deepEqual([array.status, array.body.items, array.body.accepted], [202, 5, 1])
  deepEqual(
    array.body.refused.map(({ item: place, reason }) => [place, reason]),
    [
      [1, 'not_json'],
      [2, 'no_response'],
      [3, 'no_upstream'],
      [4, 'malformed'],
    ],
  )
  deepEqual([lines.status, lines.body.accepted], [202, 2])
  deepEqual(
    lines.body.refused.map(({ item: place, reason }) => [place, reason]),
    [[1, 'not_json']],
  )
  equal(door.exchanges().length, 3)
})

test('what is sent twice is one exchange, and the caller may name its upstream', async (context) => {
  const door = await startDoor(context)
  await door.send(item('a'))
  await door.send([item('a')], { query: '?upstream=azure' })

  const [first, second] = door.exchanges()
  equal(first!.exchangeId, second!.exchangeId)
  deepEqual([first!.upstream, second!.upstream], ['openai', 'azure'])
  const { status, body } = await door.send(item('a'), { query: '?upstream=nobody' })
  equal(status, 400)
  match(body.error.message, /openai, azure/)
})

test('a body that holds nothing usable is refused with its cure', async (context) => {
  const door = await startDoor(context)
  const statusOf = async (body: unknown, options?: SendOptions) => (await door.send(body, options)).status

  equal(await statusOf('{'), 400)
  equal(await statusOf(''), 400)
  equal(await statusOf([]), 400)
  equal(await statusOf(Array.from({ length: 1_001 }, () => 1)), 400)
  equal(await statusOf({ request: {} }), 400)
  equal(await statusOfAnnounced(door.url, 17 * 1024 * 1024), 413)
  const { status, body } = await door.send(item('a'), { headers: { 'content-type': 'text/plain' } })
  equal(status, 415)
  deepEqual([body.error.code, /application\/x-ndjson/.test(body.error.message)], ['USAGE', true])
  equal(door.exchanges().length, 0)
})

test('a page in a browser cannot hand anything in', async (context) => {
  const door = await startDoor(context)

  equal((await door.send(item('a'), { headers: { origin: 'http://127.0.0.1:3400' } })).status, 403)
  equal(door.exchanges().length, 0)
})

test('with the log down the caller is told to come again, and nothing is counted twice', async (context) => {
  const door = await startDoor(context)
  door.refuses.add('exchanges')

  const { status, headers, body } = await door.send(item('a'))

  deepEqual([status, headers.get('retry-after'), body.error.code], [503, '5', 'LOG_UNAVAILABLE'])
  door.refuses.clear()
  equal((await door.send(item('a'))).status, 202)
  deepEqual(door.ledger(), ['import openai served 1', 'import openai published 1'])
})

test('counts that the log did not take go with the next ones, or at the end', async (context) => {
  const door = await startDoor(context)
  door.refuses.add('ledger')
  equal((await door.send(item('a'))).status, 202)
  deepEqual(door.ledger(), [])

  door.refuses.clear()
  await door.intake.stop()

  deepEqual(door.ledger(), ['import openai served 1', 'import openai published 1'])
})

test('a report alone starts while its log is down, and takes nothing it cannot keep', async (context) => {
  const config = Config.parse({
    ...settings,
    log: { kafka: { brokers: ['127.0.0.1:1'] } },
    store: { clickhouse: { url: 'http://127.0.0.1:1' } },
  })
  const report = await startStages(['report'], config, logger)
  context.after(() => report.stop())

  const { status, body } = await send(report.urls['report']!, item('a'))

  deepEqual([status, body.error.code], [503, 'LOG_UNAVAILABLE'])
})
