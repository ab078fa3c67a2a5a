import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { answerScoresOf } from '../../../services/compare/answer-scores.ts'
import { readAsked, taskFacts } from '../../../services/compare/task.ts'
import { type Answer } from '../../../shared/contracts/answer.ts'
import { aCall, anAnswer } from './builders.ts'

const object = (properties: object) => ({ type: 'object', properties, required: Object.keys(properties) })
const messages = [{ role: 'user', content: 'Extract.' }]
const kept = (body: object, answer: Partial<Answer>) => {
  const facts = taskFacts(null, null, readAsked('openai-chat', { messages, ...body }))
  return answerScoresOf(anAnswer(answer), facts, null)['schema_kept']
}

test('an answer keeps the schema that was asked for, or does not', () => {
  const schema = object({ total: { type: 'number' } })
  const body = { response_format: { type: 'json_schema', json_schema: { name: 'r', schema } } }

  equal(kept(body, { text: '{"total":5}' }), 1)
  equal(kept(body, { text: '{"total":"5"}' }), 0)
  equal(kept(body, { text: '```json\n{"total":5}\n```' }), 0)
  equal(kept(body, { text: 'It is 5.' }), 0)
  equal(kept({}, { text: '{"total":5}' }), undefined)
})

test('calls keep the schemas of the tools on offer', () => {
  const tools = [
    { type: 'function', function: { name: 'refund', parameters: object({ amount: { type: 'number' } }) } },
    { type: 'function', function: { name: 'now' } },
  ]
  const calling = (...toolCalls: Answer['toolCalls']) => kept({ tools }, { text: '', toolCalls })

  equal(calling(aCall('refund', { amount: 5 }), aCall('now', '')), 1)
  equal(calling(aCall('refund', { amount: '5' })), 0)
  equal(calling(aCall('refund', {}), aCall('now', {})), 0)
  equal(calling(aCall('erase', {})), 0)
  equal(calling(aCall('refund', '{"amount":')), 0)
  equal(kept({}, { text: '', toolCalls: [aCall('refund', {})] }), undefined)
})

test('what is grounded is a share of what is claimed; an answer without claims is', () => {
  const facts = taskFacts(null, null, null)
  const claim = { kind: 'name', text: 'nortec', words: ['nortec'] }

  deepEqual(answerScoresOf(anAnswer(), facts, { claims: 4, missing: [claim] }), { grounded: 0.75, grounded_claims: 4 })
  deepEqual(answerScoresOf(anAnswer(), facts, { claims: 0, missing: [] }), { grounded: 1, grounded_claims: 0 })
})
