import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type FinishedCopy } from '../../../../services/tap/capture.ts'
import { noBytes } from '../../../../services/tap/copied-bytes.ts'
import { packCopies, unpackCopies } from '../../../../services/tap/mirror/packed-copy.ts'

const piece = fc.record(
  { atMs: fc.double({ noNaN: true }), bytes: fc.uint8Array({ maxLength: 40 }) },
  { noNullPrototype: true },
)
const pieces = fc.array(piece)

function copyOf(answer: FinishedCopy['answer']): FinishedCopy {
  return {
    source: 'tap',
    exchangeId: '0',
    capturedAtMs: 0,
    upstream: 'openai',
    method: 'POST',
    path: '/',
    headers: {},
    plan: 'capture',
    request: noBytes,
    status: 200,
    answerHeaders: {},
    answer,
    end: 'complete',
    sentAtMs: 1,
    endedAtMs: null,
    failure: null,
    heldBytes: 7,
  }
}

test('what crosses to another thread comes out as it went in, piece by piece', () => {
  fc.assert(
    fc.property(fc.array(pieces), (answers) => {
      const copies = answers.map((pieces) => copyOf({ pieces, sizeBytes: 9, truncated: true, sha256: 'x' }))

      const packed = packCopies(copies)
      const moved = structuredClone(packed, { transfer: [packed.memory] })

      equal(packed.memory.detached, true)
      deepEqual(unpackCopies(moved), copies)
    }),
  )
})

test('the memory of a piece stays with the data path', () => {
  const socketMemory = Buffer.from('headers and body and more')
  const copy = copyOf({
    pieces: [{ atMs: 1, bytes: socketMemory.subarray(12, 16) }],
    sizeBytes: 4,
    truncated: false,
    sha256: null,
  })

  const packed = packCopies([copy])
  structuredClone(packed, { transfer: [packed.memory] })

  equal(socketMemory.toString(), 'headers and body and more')
})
