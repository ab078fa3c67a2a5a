import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { remembered } from '../../../../services/compare/text/remembered.ts'

test('a text is worked on once while it is among the last few, and again after that', () => {
  const worked: string[] = []
  const lengthOf = remembered((text) => {
    worked.push(text)
    return text.length
  })

  equal(lengthOf('one') + lengthOf('one') + lengthOf('three'), 11)
  deepEqual(worked, ['one', 'three'])

  for (let number = 0; number < 8; number++) lengthOf(`${number}`)
  lengthOf('one')
  equal(worked.filter((text) => text === 'one').length, 2)
})
