import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createSseDecoder, type SseEvent } from '../../../shared/dialects/sse.ts'

function decode(...pieces: (string | Uint8Array)[]): SseEvent[] {
  const decoder = createSseDecoder()
  const events = pieces.flatMap((piece) => decoder.push(typeof piece === 'string' ? Buffer.from(piece) : piece))
  return [...events, ...decoder.end()]
}

test('LF, CR and CRLF end lines, alone and mixed', () => {
  for (const end of ['\n', '\r', '\r\n']) {
    deepEqual(decode(`event: a${end}data: 1${end}${end}data: 2${end}${end}`), [
      { name: 'a', data: '1' },
      { name: null, data: '2' },
    ])
  }
  deepEqual(decode('data: 1\r\ndata: 2\rdata: 3\n\r\n'), [{ name: null, data: '1\n2\n3' }])
})

test('U+2028 and U+0085 are text, not line ends', () => {
  deepEqual(decode('data: a\u2028b\u0085c\n\n'), [{ name: null, data: 'a\u2028b\u0085c' }])
})

test('a byte order mark, comments and unknown fields are skipped', () => {
  deepEqual(decode('\uFEFF: keep-alive\nid: 7\nretry: 10\ndata:x\n\n: only a comment\n\n'), [{ name: null, data: 'x' }])
})

test('one blank after the colon is dropped, and only one', () => {
  deepEqual(decode('data:  x\n\ndata\n\n'), [
    { name: null, data: ' x' },
    { name: null, data: '' },
  ])
})

test('an event without its closing blank line is given at the end', () => {
  deepEqual(decode('data: [DONE]'), [{ name: null, data: '[DONE]' }])
})

test('an event ends in the piece that holds its last byte', () => {
  const decoder = createSseDecoder()
  equal(decoder.push(Buffer.from('data: 1\n')).length, 0)
  equal(decoder.push(Buffer.from('\nda')).length, 1)
  equal(decoder.push(Buffer.from('ta: 2\r\n\r')).length, 1)
  equal(decoder.push(Buffer.from('\n')).length, 0)
})

test('however a stream is split, the events are the same', () => {
  const piece = fc.constantFrom(
    'data: ',
    'é',
    '\u2028',
    '🎭',
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    ':',
    'event: x',
    'x',
    '\uFEFF',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(80), { maxLength: 6 }), (pieces, cuts) => {
      const bytes = Buffer.from(pieces.join(''))
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length]
      const parts = places.slice(1).map((end, at) => bytes.subarray(places[at], end))
      deepEqual(decode(...parts), decode(bytes))
    }),
  )
})
