import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as check, nat, property } from 'fast-check'
import { HeadTooLarge, NotHttp } from '../../../services/tap/head-lines.ts'
import { Section } from '../../../services/tap/section.ts'

const crumbs = (text: string) => text.split('').map((letter) => Buffer.from(letter, 'latin1'))

test('a section is found however its bytes are cut, with what is left after it', () => {
  const text = 'a: b\r\n\tc\r\nd: \xe9\r\n\r\nrest'
  const read = (pieces: readonly Buffer[]) => {
    const section = new Section(100)
    for (const [i, piece] of pieces.entries()) {
      const found = section.push(piece)
      if (found === null) continue
      ok(section.isEmpty)
      return [found.text, Buffer.concat([piece.subarray(found.usedBytes), ...pieces.slice(i + 1)]).toString()]
    }
    return null
  }

  deepEqual(read([Buffer.from(text, 'latin1')]), ['a: b\r\n\tc\r\nd: \xe9', 'rest'])
  check(
    property(array(nat(text.length)), (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), text.length]
      const pieces = places.slice(1).map((place, i) => Buffer.from(text.slice(places[i], place), 'latin1'))
      deepEqual(read(pieces.filter(({ length }) => length > 0)), ['a: b\r\n\tc\r\nd: \xe9', 'rest'])
    }),
  )
})

test('bytes that were given beforehand belong to the section', () => {
  const section = new Section(100, Buffer.from('\r\n'))

  equal(section.push(Buffer.from('\r')), null)
  deepEqual(section.push(Buffer.from('\nmore')), { text: '', usedBytes: 1 })
})

test('what is larger than it may be, or has a bare line feed, is refused as soon as that is known', () => {
  const push = (text: string) => {
    const section = new Section(10)
    for (const crumb of crumbs(text)) section.push(crumb)
  }

  push('0123456789')
  throws(() => push('0123456789a'), HeadTooLarge)
  throws(() => new Section(10).push(Buffer.from('0123456789a\r\n\r\n')), HeadTooLarge)
  equal(new Section(10).push(Buffer.from('0123456789\r\n\r\n'))?.text, '0123456789')
  throws(() => push('a\n'), NotHttp)
  throws(() => new Section(10).push(Buffer.from('\na')), NotHttp)
  throws(() => new Section(10).push(Buffer.from('a\r\nb\nc')), NotHttp)
})

test(
  'the work for a section of lines that come one by one grows with its size, not with its square',
  { timeout: 60_000 },
  () => {
    const line = Buffer.from('a:\r\n')
    const section = new Section(4_000_000)

    // Joined anew for each line these would be two terabytes to copy.
    for (let i = 0; i < 1_000_000; i += 1) section.push(line)

    equal(section.push(Buffer.from('\r\n'))?.text.length, 4_000_000 - 2)
  },
)
