import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { quoted } from '../../../shared/store/quoted.ts'
import { migratedStore } from '../../support/migrated-store.ts'

const store = await migratedStore()

test('the engine reads of a quoted text what it was', async () => {
  const any = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^['\\nt-]*$/))
  const cases = fc.asyncProperty(any, async (text) => {
    deepEqual(await store.query(`SELECT ${quoted(text)} AS text`), [{ text }])
  })
  await fc.assert(cases)
})
