import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { importAll } from '../../../services/cli/import.ts'
import { copyOfEntry, upstreamChooser } from '../../../services/cli/import/copy-of-entry.ts'
import { createEntryReader } from '../../../services/cli/import/entry-reader.ts'
import { Config } from '../../../shared/config/schema.ts'
import { Exchange } from '../../../shared/contracts/exchange.ts'
import { LedgerEntry } from '../../../shared/contracts/ledger.ts'
import { type LogRecord, type Topic } from '../../../shared/log/topic-log.ts'

const upstreams = {
  openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' },
  anthropic: { dialect: 'anthropic', baseUrl: 'http://127.0.0.1:1' },
} as const
const { tap, routes } = Config.parse({
  tap: { upstreams, sample: { rate: 0.5 } },
  routes: [{ name: 'support', match: { headers: { 'x-understudy-route': 'support' } } }],
  providers: {},
  control: false,
  candidates: [{ name: 'mini', provider: 'openai', model: 'gpt-4.1-mini' }],
})

const chat = {
  request: { model: 'gpt-4o', messages: [{ role: 'user', content: 'Mail me at ada@example.com' }] },
  response: {
    model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Sent to ada@example.com.' } }],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  },
  timestamp: '2026-10-01T08:00:00Z',
  latency_ms: 640,
  route: 'support',
}
const messages = {
  request: JSON.stringify({ model: 'claude-sonnet-4-6', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }),
  response: JSON.stringify({
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-6',
    content: [{ type: 'text', text: 'Hello' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 3, output_tokens: 1 },
  }),
}

const upstreamOf = upstreamChooser(upstreams, undefined)

async function importLines(lines: string[], writtenAt: Date | null = new Date(0)) {
  const published: { topic: Topic; record: LogRecord }[] = []
  const publish = async (topic: Topic, records: LogRecord[]): Promise<void> => {
    published.push(...records.map((record) => ({ topic, record })))
  }
  const chunks = Readable.from([Buffer.from(lines.join('\n'))])
  const read = createEntryReader({ tap, routes }, { upstreamOf, source: 'import' })
  const result = await importAll([{ name: 'log.jsonl', chunks, sizeBytes: null, writtenAt }], read, { publish })
  const valuesOf = (topic: Topic) =>
    published.filter((each) => each.topic === topic).map(({ record }) => JSON.parse(String(record.value)))
  return {
    result,
    exchanges: valuesOf('exchanges').map((value) => Exchange.parse(value)),
    ledger: valuesOf('ledger').map((value) => LedgerEntry.parse(value)),
  }
}

test('both shapes become exchanges, with what the log knows and nothing it does not', async () => {
  const { exchanges } = await importLines([JSON.stringify(chat), JSON.stringify(messages)])
  const [first, second] = exchanges
  assert.deepEqual(
    [first?.dialect, first?.route, first?.capturedAt, first?.served.totalMs, first?.served.answer?.usage.outputTokens],
    ['openai-chat', 'support', '2026-10-01T08:00:00.000Z', 640, 7],
  )
  assert.deepEqual(
    [second?.dialect, second?.upstream, second?.served.answer?.text, second?.served.ttftMs, second?.served.totalMs],
    ['anthropic-messages', 'anthropic', 'Hello', null, null],
  )
})

test('an import is redacted like the tap, and every line has weight 1 whatever the tap samples', async () => {
  const { exchanges } = await importLines([JSON.stringify(chat)])
  assert.ok(!JSON.stringify(exchanges).includes('ada@example.com'))
  assert.equal(exchanges[0]?.served.answer?.text, 'Sent to [EMAIL_1].')
  assert.equal(exchanges[0]?.sampleProbability, 1)
})

test('lines that cannot be used are counted by reason with their numbers, and cost no other line', async () => {
  const { result, exchanges } = await importLines([
    'not json',
    JSON.stringify({ request: chat.request }),
    JSON.stringify(chat),
    JSON.stringify({ request: {}, response: { output: 'x' } }),
    JSON.stringify({ ...chat, timestamp: 'yesterday' }),
    '',
  ])
  assert.equal(exchanges.length, 1)
  assert.deepEqual(result, {
    read: 5,
    published: 1,
    unusable: {
      not_json: { count: 1, first: ['line 1'] },
      no_response: { count: 1, first: ['line 2'] },
      unknown_shape: { count: 1, first: ['line 4'] },
      bad_time: { count: 1, first: ['line 5'] },
    },
  })
})

const reading = { upstreamOf, source: 'import', writtenAt: new Date(0) } as const

test('a second import of the same line is the same exchange', () => {
  const copy = () => copyOfEntry(JSON.stringify(chat), reading)
  assert.equal(copy().exchangeId, copy().exchangeId)
  assert.notEqual(copy().exchangeId, copyOfEntry(JSON.stringify({ ...chat, timestamp: 1 }), reading).exchangeId)
})

test('what is imported is in the ledger as served and published', async () => {
  const { ledger } = await importLines([JSON.stringify(chat), JSON.stringify(messages)])
  assert.deepEqual(
    ledger.map(({ stage, upstream, outcome, count }) => [stage, upstream, outcome, count].join(' ')),
    [
      'import openai served 1',
      'import openai published 1',
      'import anthropic served 1',
      'import anthropic published 1',
    ],
  )
})

test('an upstream that the config does not have is named with the ones it has', () => {
  assert.throws(() => upstreamChooser(upstreams, 'azure'), { code: 'USAGE', message: /openai, anthropic/ })
})
