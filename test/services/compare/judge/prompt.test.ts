import { deepEqual, doesNotMatch, equal, match, notEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { promptOf, showRequest } from '../../../../services/compare/judge/prompt.ts'

const question = { rubric: 'Be kind.', request: 'user: Where is it?', first: 'On its way.', second: 'Lost.' }

test('every call has a marker of its own, around each text and nowhere in them', () => {
  const [one, two] = [promptOf(question), promptOf(question)]
  const marker = /marker ([0-9a-f]{24})/.exec(one.system)![1]!
  notEqual(one.user, two.user)
  equal(one.user.split(marker).length - 1, 6)
  match(one.user, new RegExp(`<<<first answer ${marker}>>>\\nOn its way\\.\\n<<<end of first answer ${marker}>>>`))
})

test('a marker that stands in a text is not used', () => {
  const markers = ['aaa', 'bbb', 'ccc']
  const { system } = promptOf({ ...question, first: 'it is aaa', request: 'bbb' }, () => markers.shift()!)
  match(system, /marker ccc/)
})

test('the judge is told the rubric, and nothing of who wrote what', () => {
  const { system, user } = promptOf(question)
  match(system, /RUBRIC\nBe kind\./)
  doesNotMatch(system + user, /served|candidate|control|large-1|small-1/)
})

const turns = (count: number, chars: number) =>
  Array.from({ length: count }, (_, at) => `user: ${at} ${'x'.repeat(chars)}`)

test('of a long conversation the last turns are shown, and that others are missing is said and recorded', () => {
  const { request, isCut } = showRequest({ system: 'Answer in German.', turns: turns(30, 1_000) })
  ok(isCut)
  match(request, /^system: Answer in German\.\n\n\[… \d+ earlier turns left out …\]/)
  match(request, /user: 29 x+$/)
  ok(request.length < 17_000)
})

test('a last turn that is too long by itself keeps its beginning and its end', () => {
  const { request, isCut } = showRequest({ system: '', turns: [`user: begin ${'x'.repeat(50_000)} end`] })
  ok(isCut)
  match(request, /^user: begin x/)
  match(request, /x end$/)
})

test('a conversation that fits is whole', () => {
  deepEqual(showRequest({ system: '', turns: ['user: Hi', 'assistant: Hello', 'user: Where is it?'] }), {
    request: 'user: Hi\n\nassistant: Hello\n\nuser: Where is it?',
    isCut: false,
  })
})
