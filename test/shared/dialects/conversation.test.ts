import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { readConversation } from '../../../shared/dialects/conversation.ts'

const read = (dialect: Dialect, body: object) => readConversation(dialect, { body: JSON.stringify(body), headers: {} })

test('what was said in chat completions, images and tools by their names', () => {
  const conversation = read('openai-chat', {
    model: 'm',
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image_url', image_url: { url: 'x' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: 'a cat' },
    ],
  })
  deepEqual(conversation, {
    system: 'Be brief.',
    turns: ['user: What is it?\n[image_url]', 'assistant: [calls the tool look with {"at":1}]', 'tool: a cat'],
  })
})

const same: [Dialect, object][] = [
  [
    'anthropic-messages',
    { model: 'm', max_tokens: 5, system: 'Be brief.', messages: [{ role: 'user', content: 'Why?' }] },
  ],
  ['openai-responses', { model: 'm', instructions: 'Be brief.', input: 'Why?' }],
]
for (const [dialect, body] of same) {
  test(`the same is read in ${dialect}`, () => {
    deepEqual(read(dialect, body), { system: 'Be brief.', turns: ['user: Why?'] })
  })
}

test('the prompt of a legacy completion is what the user said', () => {
  deepEqual(read('openai-completions', { model: 'm', prompt: 'Once' }), { system: '', turns: ['user: Once'] })
})

test('a body that was not kept is no conversation', () => {
  equal(readConversation('openai-chat', { body: null, headers: {} }), null)
  equal(readConversation('openai-chat', { body: '[', headers: {} }), null)
})
