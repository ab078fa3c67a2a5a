import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { href, parseRoute } from '../../../../services/report/web/src/route.ts'

test('an address leads to the page and the query that it was made of, whatever is in them', () => {
  const part = fc.string({ minLength: 1, unit: 'grapheme' })
  fc.assert(
    fc.property(fc.array(part), fc.dictionary(part, part), (path, query) => {
      const route = parseRoute(href(path, query))
      deepEqual(route.path, path)
      deepEqual(Object.fromEntries(route.query), { ...query })
    }),
  )
})

test('what is empty is left out of an address', () => {
  equal(href(['pairs'], { candidate: 'subtle', route: '', q: undefined }), '#/pairs?candidate=subtle')
  equal(href([]), '#/')
})

test('an address that was cut off within an escape is still an address', () => {
  deepEqual(parseRoute('#/candidates/a%E0%A4').path, ['candidates', 'a%E0%A4'])
})
