import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { type CopiedBytes } from '../../../services/tap/copied-bytes.ts'
import { codingOf, decode } from '../../../services/tap/decode.ts'

const text = Array.from({ length: 500 }, (_, i) => `data: line ${i} ${Math.sin(i)}\n\n`).join('')

function copied(bytes: Buffer, pieceBytes: number): CopiedBytes {
  const pieces = []
  for (let i = 0; i < bytes.length; i += pieceBytes) pieces.push({ atMs: i, bytes: bytes.subarray(i, i + pieceBytes) })
  return { pieces, sizeBytes: bytes.length, truncated: false, sha256: null }
}

const compressors = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync, deflate: deflateSync }

for (const [name, compress] of Object.entries(compressors)) {
  const coding = codingOf(name)!
  test(`${name} is undone in pieces that keep their times`, async () => {
    for (const pieceBytes of [1, 777, 1e9]) {
      const { pieces, truncated } = await decode(copied(compress(text), pieceBytes), coding, 1e6)
      equal(Buffer.concat(pieces.map(({ bytes }) => bytes)).toString(), text)
      equal(truncated, false)
      deepEqual(
        pieces.map(({ atMs }) => atMs),
        pieces.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
      )
    }
  })

  test(`${name} that unpacks beyond the cap is cut there`, async () => {
    const bomb = compress(Buffer.alloc(5_000_000))
    const { pieces, truncated } = await decode(copied(bomb, 1e9), coding, 10_000)
    equal(Buffer.concat(pieces.map(({ bytes }) => bytes)).length, 10_000)
    equal(truncated, true)
  })

  test(`${name} with more bytes after its end does not hold the tap up`, async () => {
    for (const pieceBytes of [1, 100, 1e9]) {
      const bytes = Buffer.concat([compress(text), Buffer.from('and then some more, which is not compressed')])
      const { pieces } = await decode(copied(bytes, pieceBytes), coding, 1e6)
      ok(text.startsWith(Buffer.concat(pieces.map(({ bytes }) => bytes)).toString()))
    }
  })

  test(`${name} that is no ${name} is marked, not thrown`, async () => {
    const { truncated } = await decode(copied(Buffer.from('not compressed at all'), 7), coding, 1e6)
    equal(truncated, true)
  })
}

test('a coding nobody knows is told apart from none', () => {
  equal(codingOf('compress'), null)
  equal(codingOf('gzip, br'), null)
  equal(codingOf(null), 'identity')
  ok(codingOf('GZIP'))
})
