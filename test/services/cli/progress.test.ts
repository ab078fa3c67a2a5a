import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { startProgress } from '../../../services/cli/progress.ts'

test('without a terminal, progress is at most ten plain lines and no control codes', () => {
  let written = ''
  const stream = new Writable({
    write: (piece, _encoding, done) => {
      written += String(piece)
      done()
    },
  })
  const progress = startProgress('asking', 200, stream)
  for (let done = 1; done <= 200; done++) progress.update(done)
  progress.finish()
  assert.equal(written.trimEnd().split('\n').length, 10)
  assert.match(written, /asking: 200\/200\n$/)
  assert.ok(!written.includes('\u001B'))
})
