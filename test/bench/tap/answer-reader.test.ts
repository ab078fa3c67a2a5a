import { deepEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createAnswerReader } from './answer-reader.ts'

const wire = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello' +
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\na\r\nb\r\n0a\r\n0123456789\r\n0\r\n\r\n' +
    'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n',
)

function read(pieces: Buffer[]): { status: number; body: string }[] {
  const answers: { status: number; body: string }[] = []
  let body = ''
  const reader = createAnswerReader({
    data: (piece) => (body += piece.toString('latin1')),
    end({ status }) {
      answers.push({ status, body })
      body = ''
    },
  })
  for (const piece of pieces) reader(piece)
  return answers
}

test('answers are read alike however their bytes are cut', () => {
  const whole = [
    { status: 200, body: 'hello' },
    { status: 200, body: 'a\r\nb0123456789' },
    { status: 503, body: '' },
  ]
  deepEqual(read([wire]), whole)
  fc.assert(
    fc.property(fc.array(fc.nat(wire.length)), (cuts) => {
      const ends = [0, ...cuts.toSorted((a, b) => a - b), wire.length]
      deepEqual(read(ends.slice(1).map((end, index) => wire.subarray(ends[index], end))), whole)
    }),
  )
})

test('an answer without framing is refused', () => {
  throws(() => read([Buffer.from('HTTP/1.1 200 OK\r\n\r\nhello')]), /without framing/)
})
