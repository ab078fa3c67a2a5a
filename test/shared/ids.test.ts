import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { deterministicUuid, uuidv7 } from '../../shared/ids.ts'

test('the same parts give the same id, in every release', () => {
  // Ids are in logs and tables already: another one for the same parts would count a redelivery twice.
  assert.equal(deterministicUuid('observation', 'a', 'b'), '37b25308-2ac8-8639-a029-b0e1abe47fce')
})

test('ids are UUIDs of their version and RFC 9562’s variant, and other parts give another one', () => {
  const isUuid = (id: string, version: number): boolean =>
    new RegExp(`^[0-9a-f]{8}-[0-9a-f]{4}-${version}[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).test(id)
  fc.assert(
    fc.property(fc.array(fc.string()), (parts) => {
      assert.ok(isUuid(deterministicUuid(...parts), 8))
      assert.notEqual(deterministicUuid(...parts), deterministicUuid(...parts, ''))
      assert.ok(isUuid(uuidv7(), 7))
    }),
  )
  assert.notEqual(deterministicUuid('ab', 'c'), deterministicUuid('a', 'bc'))
})
