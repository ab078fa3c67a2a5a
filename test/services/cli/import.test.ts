import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { importFiles } from '../../../services/cli/import.ts'
import { copyOfLine, upstreamChooser } from '../../../services/cli/import-line.ts'
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

async function importLines(context: TestContext, lines: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-import-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'log.jsonl')
  writeFileSync(file, lines.join('\n'))
  const published: { topic: Topic; record: LogRecord }[] = []
  const publish = async (topic: Topic, records: LogRecord[]): Promise<void> => {
    published.push(...records.map((record) => ({ topic, record })))
  }
  const result = await importFiles([file], { tap, routes }, { publish }, upstreamChooser(upstreams, undefined))
  const valuesOf = (topic: Topic) =>
    published.filter((each) => each.topic === topic).map(({ record }) => JSON.parse(String(record.value)))
  return {
    result,
    exchanges: valuesOf('exchanges').map((value) => Exchange.parse(value)),
    ledger: valuesOf('ledger').map((value) => LedgerEntry.parse(value)),
  }
}

test('both shapes become exchanges, with what the log knows and nothing it does not', async (context) => {
  const { exchanges } = await importLines(context, [JSON.stringify(chat), JSON.stringify(messages)])
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

test('an import is redacted like the tap, and every line has weight 1 whatever the tap samples', async (context) => {
  const { exchanges } = await importLines(context, [JSON.stringify(chat)])
  assert.ok(!JSON.stringify(exchanges).includes('ada@example.com'))
  assert.equal(exchanges[0]?.served.answer?.text, 'Sent to [EMAIL_1].')
  assert.equal(exchanges[0]?.sampleProbability, 1)
})

test('lines that cannot be used are counted by reason with their numbers, and cost no other line', async (context) => {
  const { result, exchanges } = await importLines(context, [
    'not json',
    JSON.stringify({ request: chat.request }),
    JSON.stringify(chat),
    JSON.stringify({ request: {}, response: { output: 'x' } }),
    JSON.stringify({ ...chat, timestamp: 'yesterday' }),
    '',
  ])
  assert.equal(exchanges.length, 1)
  assert.deepEqual(result, {
    lines: 5,
    published: 1,
    unusable: {
      not_json: { count: 1, firstLines: [1] },
      no_response: { count: 1, firstLines: [2] },
      unknown_shape: { count: 1, firstLines: [4] },
      bad_time: { count: 1, firstLines: [5] },
    },
  })
})

test('a second import of the same line is the same exchange', () => {
  const copy = () => copyOfLine(JSON.stringify(chat), upstreamChooser(upstreams, undefined), new Date(0))
  assert.equal(copy().exchangeId, copy().exchangeId)
  assert.notEqual(
    copy().exchangeId,
    copyOfLine(JSON.stringify({ ...chat, timestamp: 1 }), upstreamChooser(upstreams, undefined), new Date(0))
      .exchangeId,
  )
})

test('what is imported is in the ledger as served and published', async (context) => {
  const { ledger } = await importLines(context, [JSON.stringify(chat), JSON.stringify(messages)])
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
