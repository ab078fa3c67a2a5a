import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { turnsOf } from '../../../../../services/report/web/src/pair/turns.ts'

for (const [dialect, body, turns] of [
  [
    'chat completions',
    {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      ],
    },
    [
      { who: 'system', text: 'Be brief.' },
      { who: 'user', text: 'Hi' },
    ],
  ],
  [
    'messages with a system prompt of their own',
    { system: [{ type: 'text', text: 'Be brief.' }], messages: [{ role: 'user', content: 'Hi' }] },
    [
      { who: 'system', text: 'Be brief.' },
      { who: 'user', text: 'Hi' },
    ],
  ],
  [
    'responses',
    { instructions: 'Be brief.', input: 'Hi' },
    [
      { who: 'system', text: 'Be brief.' },
      { who: 'user', text: 'Hi' },
    ],
  ],
  [
    'a result of a tool among the input',
    { input: [{ type: 'function_call_output', call_id: '1', output: '4' }] },
    [
      {
        who: 'function call output',
        text: JSON.stringify({ type: 'function_call_output', call_id: '1', output: '4' }, null, 2),
      },
    ],
  ],
] as const) {
  test(`the turns of ${dialect} are read`, () => deepEqual(turnsOf(JSON.stringify(body)), turns))
}

test('what is no request of a model has no turns', () => {
  for (const body of ['', '{', 'null', '[]', '"text"', '{"a":1}', '{"messages":[]}']) equal(turnsOf(body), null, body)
})
