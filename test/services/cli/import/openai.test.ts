import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { bodyOf, imported } from './imported.ts'

test('stored chat completions with their messages become exchanges; latencies that nobody tells stay unknown', async () => {
  const { unusable, exchanges } = await imported('openai-completions.json')

  deepEqual(unusable, { messages_apart: ['entry 3'], limit_unknown: ['entry 4'] })
  deepEqual(
    exchanges.map(({ dialect, capturedAt, served }) => [dialect, capturedAt, served.answer!.text, served.totalMs]),
    [
      ['openai-chat', '2025-11-19T08:00:01.000Z', 'Silent circuits hum', null],
      ['openai-chat', '2025-11-19T08:00:02.000Z', 'A red door.', null],
    ],
  )
})

test('a request has the parameters that say something, and the messages as they were sent', async () => {
  const { exchanges } = await imported('openai-completions.json')

  deepEqual(bodyOf(exchanges[0]!), {
    model: 'gpt-4o-2024-08-06',
    temperature: 0.3,
    messages: [{ role: 'user', content: 'write a haiku about ai' }],
  })
  // Parts are listed apart, and the answer stands at the end of the list.
  deepEqual((bodyOf(exchanges[1]!) as { messages: unknown }).messages, [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: 'https://img.example.com/door.png' } },
      ],
    },
  ])
})

test('a stored response is read with its input, and one that continues another is not', async () => {
  const { unusable, exchanges } = await imported('openai-responses.jsonl')

  deepEqual(unusable, { not_replayable: ['line 2'], messages_apart: ['line 3'], no_response: ['line 4'] })
  deepEqual(bodyOf(exchanges[0]!), {
    model: 'gpt-4.1-2025-04-14',
    instructions: 'Be brief.',
    input: 'How long do refunds take?',
  })
  equal(exchanges[0]!.dialect, 'openai-responses')
})

test('the last message of a distillation line is the answer, dated like its file', async () => {
  const { unusable, exchanges } = await imported('openai-distillation.jsonl')

  deepEqual(unusable, { no_model: ['line 2'], no_response: ['line 3'] })
  deepEqual(
    [exchanges[0]!.capturedAt, exchanges[0]!.served.answer!.text],
    ['2026-11-04T00:00:00.000Z', 'Yes, for two euros.'],
  )
})
