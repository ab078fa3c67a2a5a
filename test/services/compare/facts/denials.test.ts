import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { sentencesOf } from '../../../../services/compare/facts/negation.ts'
import { readOne } from '../../../../services/compare/text/reading.ts'

const negationsIn = (text: string): number =>
  sentencesOf(readOne(text)).reduce((sum, { negations }) => sum + negations, 0)

test('the "not" of a set phrase denies nothing', () => {
  for (const text of [
    'It is not only fast but cheap.',
    'It is not just fast.',
    'It is fast, not to mention cheap.',
    'I am not sure.',
    'No problem, we will send it.',
    'No worries, we will send it.',
    'There is no doubt about it.',
    'It is sent no later than Friday.',
    'It costs no more than that.',
    'Why not send it?',
    'Send it, if not sold.',
    'Sold or not, send it.',
    'Tell us whether or not it was sent.',
    'Please do not hesitate to write.',
    'Please do not worry about it.',
    'See no.5 of the list.',
  ])
    equal(negationsIn(text), 0, text)
})

test('what only begins like a set phrase does', () => {
  for (const text of [
    'It is not fast.',
    'It is not to be sent.',
    'There is no later delivery.',
    'There is no more.',
    'We do not send it.',
    'Not, only by post.',
    'See no list.',
    'It can’t be sent.',
  ])
    equal(negationsIn(text), 1, text)
})
