import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { createAsker } from '../../../services/cli/asker.ts'

test('answers that were pasted ahead go to the questions they belong to', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let shown = ''
  output.on('data', (piece) => (shown += String(piece)))
  const asker = createAsker(input, output)
  input.write('openai\n\nmini=openai/gpt-5-mini\n')

  assert.equal(await asker.ask('Who?', 'openai'), 'openai')
  assert.equal(await asker.ask('Key?', ''), '')
  assert.equal(await asker.ask('Which?', 'x'), 'mini=openai/gpt-5-mini')
  asker.close()
  output.end()
  await once(output, 'end')
  assert.equal(shown, 'Who? [openai] Key? Which? [x] ')
})

test('an input that ends before the last answer stops the questions', async () => {
  const input = new PassThrough()
  const asker = createAsker(input, new PassThrough())
  input.end('openai\n')
  await asker.ask('Who?', 'openai')
  await assert.rejects(asker.ask('Key?', ''), { code: 'USAGE', message: /nothing is written/ })
})
