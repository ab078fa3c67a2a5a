import { deepEqual } from 'node:assert/strict'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import {
  array,
  assert as check,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  nat,
  oneof,
  option,
  record,
  string,
  tuple,
  uint8Array,
  type Arbitrary,
} from 'fast-check'
import { startScriptedUpstream, type Script, type SeenRequest } from './scripted-upstream.ts'
import { startTestTap } from './tap-kit.ts'

/** More runs, or others: `UNDERSTUDY_FUZZ_RUNS=20000 UNDERSTUDY_FUZZ_SEED=7 node --test test/services/tap/forward-fuzz.test.ts` */
const numRuns = Number(process.env.UNDERSTUDY_FUZZ_RUNS ?? 250)
const seed = Number(process.env.UNDERSTUDY_FUZZ_SEED ?? 20_261_121)

const of = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i))
const letters = [...of(0x30, 0x39), ...of(0x41, 0x5a), ...of(0x61, 0x7a)]
const nameUnit = constantFrom(...letters, ...'!#$%&*+-.^_`|~'.split(''), "'")
const valueUnit = constantFrom(...of(0x20, 0x7e), ...of(0x80, 0xff), '\t')
const pathUnit = constantFrom(...letters, ...`/-._~!$&'()*+,;=:@%?"<>[]^{|}`.split(''))

const field: Arbitrary<[string, string]> = tuple(
  string({ unit: nameUnit, maxLength: 12 }).map((name) => `X-F${name}`),
  string({ unit: valueUnit, maxLength: 40 }).map((value) => value.trim()),
)
// Names are drawn from few, so that they repeat in other cases.
const repeated: Arbitrary<[string, string]> = tuple(
  constantFrom('X-Same', 'x-same', 'X-SAME'),
  constantFrom('', 'a', 'b'),
)
const fields = array(oneof(field, repeated), { maxLength: 6 })

const sse = array(string({ unit: 'binary', maxLength: 30 }), { maxLength: 20 }).map((words) =>
  Buffer.from(words.map((word) => `data: ${JSON.stringify(word)}\n\n`).join('')),
)
const content = oneof(
  { weight: 3, arbitrary: sse },
  { weight: 3, arbitrary: uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: nat(200_000).map((length) => Buffer.alloc(length, 'large ')) },
)
const codings: Record<string, (bytes: Buffer) => Buffer> = {
  identity: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes),
  br: (bytes) => brotliCompressSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
}
const cuts = array(nat(100_000), { maxLength: 8 })

const ask = record({
  method: constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'),
  path: string({ unit: pathUnit, maxLength: 30 }),
  fields,
  framing: constantFrom('none', 'length', 'chunked'),
  body: content,
  trailers: fields,
  cuts,
})
const answer = record({
  information: array(tuple(constantFrom(100, 102, 103), fields), { maxLength: 2 }),
  status: constantFrom(200, 200, 200, 201, 204, 299, 304, 400, 413, 429, 500, 529),
  reason: string({ unit: valueUnit, maxLength: 20 }).map((text) => text.trim()),
  fields,
  framing: constantFrom('length', 'chunked', 'closing'),
  coding: constantFrom(...Object.keys(codings)),
  content,
  extension: constantFrom('', ';a=b', ';a="c d";e'),
  trailers: fields,
  announcesTrailers: boolean(),
  closes: boolean(),
  cuts,
  chunkCuts: cuts,
  breaksAt: option(nat(2_000), { freq: 4 }),
  early: oneof({ weight: 4, arbitrary: constant(false) }, { weight: 1, arbitrary: constant(true) }),
})
type Ask = typeof ask extends Arbitrary<infer T> ? T : never
type Answer = typeof answer extends Arbitrary<infer T> ? T : never

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return sorted.slice(1).map((place, i) => bytes.subarray(sorted[i], place))
}

const linesOf = (list: readonly [string, string][]) => list.map(([name, value]) => `${name}: ${value}\r\n`).join('')
const reasons: Record<number, string> = { 100: 'Continue', 102: 'Processing', 103: 'Early Hints' }

function scriptOf(method: string, told: Answer): Script {
  const { information, status, reason, coding, framing, breaksAt } = told
  const bodiless = method === 'HEAD' || status === 204 || status === 304
  const body = codings[coding]!(told.content)
  const closes = told.closes || (framing === 'closing' && !bodiless)
  const headers: [string, string][] = [...told.fields]
  if (coding !== 'identity') headers.push(['Content-Encoding', coding])
  if (framing === 'length' && status !== 204) headers.splice(1, 0, ['content-Length', String(body.length)])
  if (framing === 'chunked' && !bodiless) headers.push(['Transfer-Encoding', 'chunked'])
  if (framing === 'chunked' && !bodiless && told.announcesTrailers) headers.push(['Trailer', 'X-Same'])
  if (closes) headers.push(['Connection', 'close'])
  const head = [
    ...information.map(([code, list]) => `HTTP/1.1 ${code} ${reasons[code]}\r\n${linesOf(list)}\r\n`),
    `HTTP/1.1 ${status} ${reason}\r\n${linesOf(headers)}\r\n`,
  ].join('')
  const framed = bodiless ? Buffer.alloc(0) : framing === 'chunked' ? chunksOf(body, told) : body
  const whole = Buffer.concat([Buffer.from(head, 'latin1'), framed])
  const sent = breaksAt === null ? whole : whole.subarray(0, breaksAt % (whole.length + 1))
  return {
    pieces: cut(sent, told.cuts),
    answersAfter: told.early ? 'head' : 'body',
    ending: closes || sent.length < whole.length ? 'close' : 'stay',
  }
}

function chunksOf(body: Buffer, { chunkCuts, extension, trailers }: Answer): Buffer {
  const pieces = cut(body, chunkCuts).filter(({ length }) => length > 0)
  const chunks = pieces.flatMap((piece) => [
    Buffer.from(`${piece.length.toString(16)}${extension}\r\n`),
    piece,
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([...chunks, Buffer.from(`0\r\n${linesOf(trailers)}\r\n`, 'latin1')])
}

const connectionOwn = new Set(['connection', 'keep-alive', 'transfer-encoding'])
const endToEnd = (raw: readonly string[]) => raw.filter((_, i) => !connectionOwn.has(raw[i - (i % 2)]!.toLowerCase()))

/** All that a client can see of what became of its request. */
async function observe(url: string, agent: Agent, script: string, asked: Ask): Promise<unknown[]> {
  const headers = [...asked.fields.flat(), 'Host', 'somewhere.example', 'X-Script', script]
  if (asked.framing === 'length') headers.push('CONTENT-length', String(asked.body.length))
  if (asked.framing === 'chunked') headers.push('Transfer-Encoding', 'chunked')
  const seen: unknown[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const { hostname, port, pathname } = new URL(url)
  const path = `${pathname.replace(/\/$/, '')}/${asked.path}`
  const request = httpRequest({ hostname, port, path, method: asked.method, headers, agent })
  request.on('continue', () => seen.push(100))
  request.on('information', ({ statusCode, statusMessage, rawHeaders }) => {
    if (statusCode !== 100) seen.push([statusCode, statusMessage, endToEnd(rawHeaders)])
  })
  request.on('response', (response) => void read(response, seen).then(resolve))
  request.on('error', (err: NodeJS.ErrnoException) => resolve(void seen.push(err.code)))
  await send(request, asked)
  await promise
  return seen
}

async function send(request: ReturnType<typeof httpRequest>, asked: Ask): Promise<void> {
  if (asked.framing !== 'none') {
    for (const piece of cut(asked.body, asked.cuts)) {
      if (piece.length > 0) request.write(piece)
      await nextTurn()
    }
  }
  if (asked.framing === 'chunked') request.addTrailers(asked.trailers)
  request.end()
}

function read(response: IncomingMessage, seen: unknown[]): Promise<void> {
  const { statusCode, statusMessage, rawHeaders } = response
  const pieces: Buffer[] = []
  response.on('data', (bytes: Buffer) => pieces.push(bytes))
  response.on('error', () => {})
  return new Promise((resolve) => {
    response.on('close', () => {
      seen.push([statusCode, statusMessage, endToEnd(rawHeaders), Buffer.concat(pieces).toString('latin1')])
      resolve(void seen.push(response.complete ? ['clean', response.rawTrailers] : 'aborted'))
    })
  })
}

const withoutOwn = (request: SeenRequest | undefined) => ({
  ...request,
  rest: '',
  headers: request?.headers.filter(([name]) => !['host', 'connection'].includes(name.toLowerCase())),
})

test('whatever is asked and answered, client and upstream see the same with the tap between them as without it', async (context) => {
  const upstream = await startScriptedUpstream(context)
  const tap = await startTestTap(context, upstream.url, { tap: { sample: { rate: 0.5 } } })
  const agents = { direct: new Agent({ keepAlive: true }), through: new Agent({ keepAlive: true }) }
  context.after(() => Object.values(agents).forEach((agent) => agent.destroy()))
  let count = 0

  const property = asyncProperty(ask, answer, async (asked, told) => {
    const name = String((count += 1))
    upstream.scripts.set(name, scriptOf(asked.method, told))

    const direct = await observe(upstream.url, agents.direct, name, asked)
    const through = await observe(`${tap.url}/openai`, agents.through, name, asked)

    deepEqual(through, direct)
    if (told.early) return
    const [first, second] = upstream.seen.get(name) ?? []
    deepEqual(withoutOwn(second), withoutOwn(first))
  })
  await check(property, { numRuns, seed })
})
