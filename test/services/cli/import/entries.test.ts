import { deepEqual } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { assert as check, asyncProperty, array, integer, json } from 'fast-check'
import { entriesOf } from '../../../../services/cli/import/entries.ts'

async function* inPieces(text: string, sizeBytes: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes)
}

async function entries(text: string, sizeBytes = 7): Promise<[string, string | null][]> {
  const found: [string, string | null][] = []
  for await (const entry of entriesOf(inPieces(text, sizeBytes))) found.push([entry.place, entry.text])
  return found
}

test('lines keep their numbers and their text', async () => {
  deepEqual(await entries('{"a": 1}\r\n\nnot json\n{"b":2}'), [
    ['line 1', '{"a": 1}'],
    ['line 3', 'not json'],
    ['line 4', '{"b":2}'],
  ])
})

test('an array, pages and indented objects give their entries', async () => {
  const two = [
    ['entry 1', '{"a":1}'],
    ['entry 2', '{"a":{"data":[2]}}'],
  ]
  deepEqual(await entries('[{"a":1},\n {"a":{"data":[2]}}]'), two)
  deepEqual(await entries('{"object": "list", "data": [{"a":1},{"a":{"data":[2]}}], "has_more": false}'), two)
  deepEqual(await entries('{"data":[{"a":1}]}\n{"data":[{"a":{"data":[2]}}]}\n'), two)
  deepEqual(await entries('{\n "a": 1\n}\n{\n "a": {"data": [2]}\n}\n'), two)
  deepEqual(await entries('[]'), [])
  deepEqual(await entries(''), [])
})

test('a cell of CSV may hold quotes, commas and lines; a byte order mark is no part of a name', async () => {
  deepEqual(await entries('\uFEFFid,input,output\n1,"say ""a"",\nb",c\n2,,d\n'), [
    ['entry 1', '{"id":"1","input":"say \\"a\\",\\nb","output":"c"}'],
    ['entry 2', '{"id":"2","input":"","output":"d"}'],
  ])
})

test('where JSON or CSV breaks off, what came before is read and the rest is told', async () => {
  deepEqual(await entries('[{"a":1}, {"b":tru}, {"c":2}]'), [
    ['entry 1', '{"a":1}'],
    ['entry 2', null],
  ])
  deepEqual(await entries('[{"a":1}, {"b":'), [
    ['entry 1', '{"a":1}'],
    ['entry 2', null],
  ])
  deepEqual(await entries('id,input\n1,a\n2,"b\n'), [
    ['entry 1', '{"id":"1","input":"a"}'],
    ['entry 2', null],
  ])
})

test('a source that breaks off is closed, though more would come', async () => {
  let closed = false
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      yield Buffer.from(`[{"a":1}, x${' '.repeat(100_000)}`)
      for (;;) yield Buffer.from(' ')
    } finally {
      closed = true
    }
  }
  const found: (string | null)[] = []
  for await (const { text } of entriesOf(endless())) found.push(text)

  deepEqual([found, closed], [['{"a":1}', null], true])
})

test('however a file is cut into pieces, its entries are the same', async () => {
  const values = array(json({ maxDepth: 2 }), { minLength: 1, maxLength: 5 })
  await check(
    asyncProperty(values, integer({ min: 1, max: 50 }), async (texts, sizeBytes) => {
      const expected = texts.map((text, index) => [`entry ${index + 1}`, JSON.stringify(JSON.parse(text))])
      deepEqual(await entries(`[${texts.join(',')}]`, sizeBytes), expected)
    }),
  )
})

test('memory does not grow with the file: 40 MB of each kind pass through a heap of 24 MB', async () => {
  const program = `
    const { entriesOf } = await import(${JSON.stringify(new URL('../../../../services/cli/import/entries.ts', import.meta.url).href)})
    const cell = 'x'.repeat(20_000)
    const kinds = [
      ['[', '{"a":"' + cell + '"},', '{"a":""}]'],
      ['{"data":[', '{"a":"' + cell + '"},', '{"a":""}]}'],
      ['{"a":1}\\n', '{"a":"' + cell + '"}\\n', ''],
      ['input,output\\n', cell + ',b\\n', 'a,b'],
    ]
    for (const [before, entry, after] of kinds) {
      async function* long() {
        yield Buffer.from(before)
        for (let count = 0; count < 2_000; count += 1) yield Buffer.from(entry)
        yield Buffer.from(after)
      }
      let read = 0
      for await (const { text } of entriesOf(long())) read += text === null ? 0 : 1
      if (read !== 2_001) throw new Error(before + ': ' + read + ' entries')
    }
  `
  const run = promisify(execFile)
  await run(process.execPath, ['--max-old-space-size=24', '--input-type=module', '--eval', program])
})
