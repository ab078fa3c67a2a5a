import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isSealed, openKeyring, requireActiveKey } from '../../../shared/encryption/keyring.ts'

const encryption = (active: string | undefined, ...ids: string[]) => ({
  keys: ids.map((id) => ({ id, fromEnv: `KEY_${id}` })),
  ...(active === undefined ? {} : { active }),
})
const env = { KEY_k1: randomBytes(32).toString('base64'), KEY_k2: randomBytes(32).toString('hex') }
const keyring = openKeyring(encryption('k1', 'k1', 'k2'), env)
const broken = { code: 'ENCRYPTION_BROKEN', message: /key k1 does not open it/ }

test('any text comes back, under one of the places it may have, and is sealed differently each time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, place) => {
      const sealed = keyring.seal(text, place)
      assert.ok(isSealed(sealed))
      assert.notEqual(sealed, keyring.seal(text, place))
      assert.equal(keyring.open(sealed, ['elsewhere', place]), text)
    }),
  )
})

test('a text does not open in another place', () => {
  assert.throws(() => keyring.open(keyring.seal('secret', 'answer of 1'), ['answer of 2']), broken)
  assert.throws(() => keyring.open(keyring.seal('secret', 'answer of 1'), []), broken)
})

test('a text of which any byte was altered does not open', () => {
  const sealed = keyring.seal('a secret that is long enough', 'here')
  const head = sealed.slice(0, sealed.indexOf(':', 5) + 1)
  const bytes = Buffer.from(sealed.slice(head.length), 'base64')
  for (let at = 0; at < bytes.length; at++) {
    const altered = Buffer.from(bytes)
    altered[at]! ^= 1
    assert.throws(() => keyring.open(head + altered.toString('base64'), ['here']), broken)
  }
  for (const length of [0, 5, 28, bytes.length - 1])
    assert.throws(() => keyring.open(head + bytes.subarray(0, length).toString('base64'), ['here']), broken)
})

test('another key of the same name does not open it, nor does the same key under another name', () => {
  const sealed = keyring.seal('secret', 'here')
  const other = openKeyring(encryption('k1', 'k1'), { KEY_k1: randomBytes(32).toString('base64') })
  assert.throws(() => other.open(sealed, ['here']), broken)
  const renamed = openKeyring(encryption('k2', 'k2'), { KEY_k2: env.KEY_k1 })
  assert.throws(() => renamed.open(sealed.replace(':k1:', ':k2:'), ['here']), { code: 'ENCRYPTION_BROKEN' })
})

test('a key that is missing is named, with where to set it', () => {
  const sealed = keyring.seal('secret', 'here')
  const missing = { code: 'ENCRYPTION_KEY_MISSING' }
  const named = openKeyring(encryption('k2', 'k1', 'k2'), { KEY_k2: env.KEY_k2 })
  assert.throws(() => named.open(sealed, ['here']), { ...missing, message: /key k1 is not configured.*KEY_k1/ })
  const unnamed = openKeyring(undefined, {})
  assert.throws(() => unnamed.open(sealed, ['here']), { ...missing, message: /key k1 .*store\.encryption\.keys/ })
  assert.throws(() => requireActiveKey(openKeyring(encryption('k1', 'k1'), {})), missing)
  requireActiveKey(unnamed)
})

test('what is not sealed is given as it is; without an active key nothing is sealed', () => {
  assert.equal(openKeyring(undefined, {}).open('{"a":1}', []), '{"a":1}')
  assert.equal(openKeyring(encryption(undefined, 'k1'), env).seal('plain', 'here'), 'plain')
})

test('a variable that holds no key is told, and never its value', () => {
  for (const value of ['short', randomBytes(31).toString('base64'), 'z'.repeat(64)]) {
    assert.throws(
      () => openKeyring(encryption('k1', 'k1'), { KEY_k1: value }),
      (err: Error) => /KEY_k1 holds no key k1/.test(err.message) && !err.message.includes(value),
    )
  }
})
