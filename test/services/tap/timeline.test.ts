import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { timelineOf } from '../../../services/tap/timeline.ts'
import { createSseDecoder } from '../../../shared/dialects/sse.ts'

function timeline(texts: readonly string[]) {
  const decoder = createSseDecoder()
  const pieces = texts.map((text, i) => ({ atMs: 100 + i, bytes: Buffer.from(text) }))
  return timelineOf(pieces, 90, (bytes) => decoder.push(bytes).length)
}

test('each event has the time of the piece that ended it and its own size, comments before it included', () => {
  deepEqual(timeline(['data: a\n\nda', 'ta: bb\n', '\n: ping\n\ndata: c\n\n']), [
    { offsetMs: 10, sizeBytes: 9 },
    { offsetMs: 12, sizeBytes: 10 },
    { offsetMs: 12, sizeBytes: 17 },
  ])
})

for (const end of ['\n', '\r\n', '\r']) {
  test(`however a stream with the line end ${JSON.stringify(end)} is split, its events are the same in number`, () => {
    const event = `event: x${end}data: {"é":1}${end}${end}`
    const bytes = Buffer.from(event.repeat(5))
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 6 }), (cuts) => {
        const decoder = createSseDecoder()
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
        const pieces = at.slice(1).map((to, i) => ({ atMs: i, bytes: bytes.subarray(at[i], to) }))
        const chunks = timelineOf(pieces, 0, (slice) => decoder.push(slice).length)
        equal(chunks.length, 5)
      }),
    )
  })
}
