import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { z } from 'zod'
import { UnderstudyError } from '../../../shared/errors.ts'
import { decodeMessage, encodeMessage } from '../../../shared/log/messages.ts'

const Note = z.object({
  version: z.literal(1),
  noteId: z.uuid(),
  kind: z.enum(['plain', 'loud']),
  headers: z.record(z.string(), z.string()),
  anything: z.json(),
})
const noteId = '0198c5a0-0000-7000-8000-000000000000'
const aNote = { version: 1, noteId, kind: 'plain', headers: {}, anything: null } as const

function refusal(value: Uint8Array | string): UnderstudyError {
  try {
    decodeMessage(Note, value)
  } catch (err) {
    assert.ok(err instanceof UnderstudyError)
    return err
  }
  throw new Error('was accepted')
}

test('a message survives the way through the log', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.dictionary(fc.string(), fc.string()), (anything, headers) => {
      // zod leaves such a key out, wherever it stands.
      fc.pre(!JSON.stringify([anything, headers]).includes('"__proto__":'))
      const note = { ...aNote, headers, anything: JSON.parse(JSON.stringify(anything)) as z.core.util.JSONType }
      const read = decodeMessage(Note, Buffer.from(encodeMessage(Note, note)))
      assert.equal(JSON.stringify(read), JSON.stringify(note))
    }),
  )
})

test('what is not JSON in UTF-8 is malformed, and the message does not quote it', () => {
  for (const value of ['', 'secret prompt', '{"version":1,', '{"a":secret}', Buffer.from([0x22, 0xff, 0x22])]) {
    const err = refusal(value)
    assert.equal(err.code, 'MESSAGE_MALFORMED')
    assert.doesNotMatch(err.message, /secret/)
    assert.equal(err.cause, undefined)
  }
})

test('a wrong shape is told by path and expectation, without values or keys of the payload', () => {
  const wrong = { ...aNote, noteId: 'secret', kind: 'secret-kind', headers: { 'secret-name': 7 } }
  const err = refusal(JSON.stringify(wrong))
  assert.equal(err.code, 'MESSAGE_MALFORMED')
  assert.match(err.message, /noteId: expected the format uuid/)
  assert.match(err.message, /kind: expected "plain" or "loud"/)
  assert.match(err.message, /headers\.\*: expected string/)
  assert.doesNotMatch(err.message, /secret/)
})

test('values that are no object at all are malformed', () => {
  for (const value of ['null', '7', '[]', '"text"', '{}']) assert.equal(refusal(value).code, 'MESSAGE_MALFORMED')
})

test('a message of a later version asks for an upgrade of this stage', () => {
  const err = refusal(JSON.stringify({ version: 2, unheardOf: true }))
  assert.equal(err.code, 'MESSAGE_VERSION_UNKNOWN')
  assert.match(err.message, /version 2.*up to 1.*upgrade this stage first/)
})

test('nesting that overflows the stack is malformed, not a crash', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  assert.equal(refusal(JSON.stringify(aNote).replace('null', deep)).code, 'MESSAGE_MALFORMED')
})

test('a hostile key changes no prototype', () => {
  const hostile = '{"__proto__":{"polluted":"yes"}}'
  const text = JSON.stringify(aNote).replace('"headers":{}', '"headers":{"__proto__":"x"}').replace('null', hostile)
  try {
    decodeMessage(Note, text)
  } catch (err) {
    assert.ok(err instanceof UnderstudyError)
  }
  assert.equal(({} as { polluted?: string }).polluted, undefined)
})

test('a value that its readers would refuse is refused when it is written', () => {
  const wrong = { ...aNote, noteId: 'not a uuid' }
  assert.throws(() => encodeMessage(Note, wrong), { code: 'MESSAGE_MALFORMED' })
})
