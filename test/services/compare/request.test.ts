import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { compareSet } from '../../../services/compare/compare.ts'
import { anAnswer, aSet } from './builders.ts'

const requestOf = (set: ReturnType<typeof aSet>) => compareSet(set, new Date())[1]!.request
const asking = (content: string, more: object = {}) => ({
  model: 'large',
  messages: [
    { role: 'system', content: 'You are a helpful assistant of the shop and you answer in one sentence.' },
    { role: 'user', content },
  ],
  ...more,
})

test('a row tells the language of the user, not that of the system prompt', () => {
  equal(requestOf(aSet({ request: asking('Wo ist meine Bestellung? Sie ist noch nicht da.') })).language, 'de')
})

test('a user who says too little is known by the answer', () => {
  const answer = anAnswer({ text: 'Ihre Bestellung ist auf dem Weg und wird morgen bei Ihnen sein.' })
  equal(requestOf(aSet({ request: asking('4711'), served: { answer } })).language, 'de')
})

test('tools that were offered, and the size of the prompt as the served model counted it', () => {
  const answer = anAnswer()
  const tools = [{ type: 'function', function: { name: 'find', parameters: {} } }]

  const request = requestOf(aSet({ request: asking('Find it.', { tools }), served: { answer } }))

  equal(request.hasTools, true)
  equal(request.promptTokens, answer.usage.inputTokens)
  equal(requestOf(aSet()).hasTools, false)
})

test('the tier of a tenant is in a header, else in the metadata of the body; what is no name is none', () => {
  const withMetadata = asking('Hi', { metadata: { tier: 'gold' } })
  const tierOf = (headers: Record<string, string>, request: object) => {
    const set = aSet({ request })
    return requestOf({ ...set, exchange: { ...set.exchange, request: { ...set.exchange.request, headers } } }).tier
  }

  equal(tierOf({}, withMetadata), 'gold')
  equal(tierOf({ 'x-understudy-tier': 'free' }, withMetadata), 'free')
  equal(tierOf({ 'x-understudy-tier': 'a b; c' }, withMetadata), null)
  equal(tierOf({}, asking('Hi')), null)
})

test('of a body that was not kept only its size is known', () => {
  const set = aSet({ served: { answer: anAnswer({ text: '', usage: { ...anAnswer().usage, inputTokens: null } }) } })
  const { request } = set.exchange
  const body = { ...request.body, data: null, sizeBytes: 4_001 }

  deepEqual(requestOf({ ...set, exchange: { ...set.exchange, request: { ...request, body } } }), {
    language: null,
    hasTools: null,
    promptTokens: 1_001,
    tier: null,
  })
})
