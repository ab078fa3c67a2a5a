import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { JSONParser } from '@streamparser/json'
import { parse } from 'csv-parse'
import { writeJson } from '../../../shared/dialects/json.ts'
import { type Json } from '../../../shared/dialects/dialect.ts'

/** The text of a JSON object (a row of CSV: of its cells by their column). Null: nothing can be read from here on. */
export type Entry = { place: string; text: string | null }

type Chunks = AsyncIterable<Uint8Array>

/** Enough to see the names before the list in a page of an API, or the names of the columns. */
const headBytes = 64 * 1024

/** `{"data": […]}`, with numbers and words at most before it: a page, as APIs answer with. */
const page = /^\{\s*(?:"[^"]*"\s*:\s*(?:"[^"\\]*"|[\w.+-]+)\s*,\s*)*"data"\s*:\s*\[/
/** An object over several lines. */
const indented = /^\{\s*\n/
const knownColumn = /^(?:.*,)?"?(?:input|request|request_body|response_body|request_id|messages)"?(?:,|$)/

/**
 * The entries of a file: one JSON object a line, an array or pages of them, indented objects one after the other, or CSV.
 * However long the file, no more than an entry and what is read at once is held.
 */
export async function* entriesOf(source: AsyncIterable<Buffer>): AsyncGenerator<Entry> {
  const { head, chunks } = await peek(source)
  const start = head.trimStart()
  if (start.startsWith('[')) yield* valuesOf(chunks, '$.*')
  else if (page.test(start)) yield* valuesOf(chunks, '$.data.*')
  else if (indented.test(start)) yield* valuesOf(chunks, '$')
  else if (isCsv(start)) yield* rowsOf(chunks)
  else yield* linesOf(chunks)
}

function isCsv(start: string): boolean {
  const [columns = ''] = start.split(/\r?\n/, 1)
  return !columns.startsWith('{') && knownColumn.test(columns)
}

async function peek(source: AsyncIterable<Buffer>): Promise<{ head: string; chunks: Chunks }> {
  const rest = source[Symbol.asyncIterator]()
  const first: Buffer[] = []
  for (let size = 0; size < headBytes;) {
    const { value, done } = await rest.next()
    if (done === true) break
    first.push(value)
    size += value.length
  }
  const start = withoutMark(Buffer.concat(first))
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      yield start
      for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
    } finally {
      await rest.return?.()
    }
  }
  return { head: start.subarray(0, headBytes).toString('utf8'), chunks: chunks() }
}

/** A byte order mark is no part of JSON, nor of a column's name. */
function withoutMark(start: Buffer): Buffer {
  return start.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? start.subarray(3) : start
}

async function* linesOf(chunks: Chunks): AsyncGenerator<Entry> {
  let number = 0
  for await (const line of createInterface({ input: Readable.from(chunks), crlfDelay: Infinity })) {
    number += 1
    if (line.trim() !== '') yield { place: `line ${number}`, text: line }
  }
}

async function* valuesOf(chunks: Chunks, path: string): AsyncGenerator<Entry> {
  const found: Json[] = []
  const parser = new JSONParser({ paths: [path], keepStack: false, separator: '' })
  parser.onValue = ({ value }) => void found.push(value as Json)
  parser.onEnd = () => {}
  let failed = false
  parser.onError = () => {
    failed = true
  }
  let number = 0
  for await (const chunk of chunks) {
    parser.write(chunk)
    for (const value of found.splice(0)) yield { place: `entry ${(number += 1)}`, text: writeJson(value) }
    if (failed) break
  }
  if (!failed && !parser.isEnded) parser.end()
  if (failed) yield { place: `entry ${number + 1}`, text: null }
}

async function* rowsOf(chunks: Chunks): AsyncGenerator<Entry> {
  const found: Json[] = []
  const parser = parse({
    columns: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    // Taken where they are found: with a parser that fails goes what waits to be read from it.
    on_record(row: Json) {
      found.push(row)
      return null
    },
  })
  // Told by the write that meets it.
  parser.on('error', () => {})
  let number = 0
  const taken = (): Entry[] => found.splice(0).map((row) => ({ place: `entry ${(number += 1)}`, text: writeJson(row) }))
  let failed: Error | null | undefined
  for await (const chunk of chunks) {
    failed = await new Promise((resolve) => parser.write(chunk, resolve))
    yield* taken()
    if (failed) break
  }
  if (!failed) failed = await new Promise((resolve) => parser.end(resolve))
  yield* taken()
  if (failed) yield { place: `entry ${number + 1}`, text: null }
}
