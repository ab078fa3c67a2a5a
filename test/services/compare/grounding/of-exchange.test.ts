import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { groundingOf } from '../../../../services/compare/grounding/of-exchange.ts'
import { readAsked, taskFacts } from '../../../../services/compare/task.ts'
import { type Dialect, type Task } from '../../../../shared/contracts/exchange.ts'
import { type Json } from '../../../../shared/dialects/dialect.ts'
import { aCall, anAnswer } from '../builders.ts'

const groundedBy = (
  body: Json,
  declared: boolean | null = null,
  task: Task | null = null,
  dialect: Dialect = 'openai-chat',
) => groundingOf(taskFacts(task, null, readAsked(dialect, body)), declared)

const asking = (content: string) => ({ messages: [{ role: 'user', content }] })
const withContext = asking('Context:\nIt costs 5 €.\n\nHow much is it?')

test('a request with documents, results of tools or a section of texts is answered from them', () => {
  ok(groundedBy(withContext))
  ok(groundedBy({ messages: [...asking('How much?').messages, { role: 'tool', tool_call_id: 'c', content: '5 €' }] }))
  ok(
    groundedBy(
      { input: [{ type: 'function_call_output', call_id: 'c', output: '5 €' }] },
      null,
      null,
      'openai-responses',
    ),
  )
  const document = { type: 'document', source: { type: 'text', data: 'It costs 5 €.' } }
  ok(groundedBy({ messages: [{ role: 'user', content: [document] }] }, null, null, 'anthropic-messages'))
  equal(groundedBy(asking('How much is it?')), null)
})

test('what the route declares is believed, a label is never looked up, and neither is what was not kept', () => {
  ok(groundedBy(asking('It costs 5 €. How much?'), true))
  equal(groundedBy(withContext, false), null)
  equal(groundedBy(withContext, true, 'label'), null)
  equal(groundingOf(taskFacts(null, null, null), true), null)
})

test('an answer without text of its own is not looked up', () => {
  const ground = groundedBy(withContext)!
  equal(ground(anAnswer({ text: ' ' })), null)
  equal(ground(anAnswer({ text: 'Looking up 7.', toolCalls: [aCall('find', { id: 7 })] })), null)
  equal(ground(anAnswer({ outcome: 'refused', refusalText: 'No.' })), null)
  equal(ground(anAnswer({ text: 'It costs 7 €.' }))!.missing.length, 1)
})

test('a request too long to be searched is not held against the answer', () => {
  equal(groundedBy(asking(`Context:\n${'It costs 5 €, says Nortec of Kiel. '.repeat(20_000)}`), true), null)
})

/** Were one of them read in quadratic time, this would take minutes. */
test('hostile texts are read all the same', () => {
  for (const part of ['"', '“', '# ', '[', '<', 'Context', '1,', 'A b. ', '\u0000']) {
    const ground = groundedBy(asking(`Context:\n${part.repeat(100_000 / part.length)}`))!
    ok(ground(anAnswer({ text: `a${part.repeat(100_000 / part.length)}` })), JSON.stringify(part))
  }
})
