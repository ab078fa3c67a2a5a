import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { bodyOf, imported } from './imported.ts'

test('every dialect that Helicone logs becomes an exchange; what cannot be used is told by reason and place', async () => {
  const { read, unusable, exchanges } = await imported('helicone.jsonl')

  equal(read, 12)
  deepEqual(unusable, {
    bodies_apart: ['line 6'],
    from_cache: ['line 7'],
    withheld: ['line 8'],
    no_response: ['line 9'],
    translated: ['line 11'],
  })
  deepEqual(
    exchanges.map(({ dialect, upstream, served }) => [dialect, upstream, served.status, served.answer!.text]),
    [
      ['openai-chat', 'openai', 200, 'It left Hamburg today, [EMAIL_1] will hear from us.'],
      ['anthropic-messages', 'anthropic', 200, 'Your parcel arrives on Monday.'],
      ['openai-responses', 'openai', 200, 'Refunds take five days.'],
      ['openai-embeddings', 'openai', 200, ''],
      ['openai-chat', 'openai', 429, ''],
      ['openai-chat', 'openai', 200, 'Yes, within a week.'],
      ['openai-completions', 'openai', 200, ' We deliver.'],
    ],
  )
})

test('times, mode, model, error and session are what Helicone tells', async () => {
  const { exchanges } = await imported('helicone.jsonl')
  const [streamed, whole, , , refused, deployment] = exchanges

  deepEqual(
    [streamed!.capturedAt, streamed!.request.streamed, streamed!.served.ttftMs, streamed!.served.totalMs],
    ['2026-11-03T09:14:01.104Z', true, 310, 808],
  )
  deepEqual([whole!.served.ttftMs, whole!.served.totalMs], [808, 808])
  equal(refused!.served.answer!.error!.message, 'Rate limit reached for gpt-4o')
  // The URL of a deployment names its model; the body does not.
  equal(deployment!.request.model, 'gpt-4o-mini')
  ok(!JSON.stringify(exchanges).includes('ada@example.com'))
})

test('a request is the same exchange in an answer of the API as in an export', async () => {
  const exported = await imported('helicone.jsonl')
  const { exchanges, unusable } = await imported('helicone-query.json')

  deepEqual(unusable, {})
  deepEqual(
    exchanges.map(({ exchangeId }) => exchangeId),
    [exported.exchanges[1]!.exchangeId, exported.exchanges[4]!.exchangeId],
  )
})

test('rows of HQL are read, and a body that was cut off is not taken for a whole one', async () => {
  const { exchanges, unusable } = await imported('helicone-hql.csv')
  const [first, second] = exchanges

  deepEqual(unusable, { truncated: ['entry 2'] })
  deepEqual(bodyOf(first!), {
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'Is blue in stock?\nOr "navy"?' }],
  })
  // ClickHouse writes UTC without saying so.
  deepEqual([first!.capturedAt, first!.served.totalMs], ['2026-11-03T09:15:01.250Z', 940])
  equal(first!.conversationId, second!.conversationId)
})

test('the CSV of the export tool has no answers, which is said', async () => {
  const { exchanges, unusable } = await imported('helicone-tool.csv')

  deepEqual([exchanges.length, unusable], [0, { bodies_apart: ['entry 1', 'entry 2', 'entry 3'] }])
})

test('with several files a place names its file', async () => {
  const { unusable } = await imported('helicone-query.json', 'helicone-hql.csv')

  deepEqual(unusable, { truncated: ['helicone-hql.csv entry 2'] })
})

test('another session is another conversation', async () => {
  const [{ exchanges: one }, { exchanges: other }] = [
    await imported('helicone.jsonl'),
    await imported('helicone-hql.csv'),
  ]
  notEqual(one[0]!.conversationId, other[0]!.conversationId)
})
