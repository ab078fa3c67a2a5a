import { deepEqual, equal } from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  array,
  assert as check,
  asyncProperty,
  boolean,
  constantFrom,
  nat,
  option,
  record,
  type Arbitrary,
} from 'fast-check'
import { createByteBudget } from '../../../services/tap/byte-budget.ts'
import { createTapServer } from '../../../services/tap/server.ts'
import { createTap } from '../../../services/tap/tap.ts'
import { createPools } from '../../../services/tap/upstreams.ts'
import { startUpstream, testConfig, until } from './tap-kit.ts'

/** As in `forward-fuzz.test.ts`. */
const numRuns = Number(process.env.UNDERSTUDY_FUZZ_RUNS ?? 250)
const seed = Number(process.env.UNDERSTUDY_FUZZ_SEED ?? 20_261_121)

const request = record({
  target: constantFrom('/openai/', 'http://elsewhere.example/openai/', '/nobody/'),
  minor: constantFrom(0, 1),
  framing: constantFrom('none', 'length', 'chunks'),
  expects: boolean(),
  sizeBytes: constantFrom(1, 2, 300, 70_000),
})
const ending = constantFrom('read', 'ends', 'leaves')

type Asked = typeof request extends Arbitrary<infer T> ? T : never

function wireOf({ target, minor, framing, expects, sizeBytes }: Asked, id: number): string {
  const body = 'b'.repeat(sizeBytes)
  const isChunked = framing === 'chunks' && minor === 1
  const lines = [
    `${framing === 'none' ? 'GET' : 'POST'} ${target}${id} HTTP/1.${minor}`,
    'Host: a',
    ...(minor === 0 ? ['Connection: keep-alive'] : []),
    ...(expects && framing !== 'none' ? ['Expect: 100-continue'] : []),
    ...(framing === 'none' ? [] : [isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${sizeBytes}`]),
  ]
  const sent = isChunked ? `${sizeBytes.toString(16)}\r\n${body}\r\n0\r\n\r\n` : framing === 'none' ? '' : body
  return `${lines.join('\r\n')}\r\n\r\n${sent}`
}

/** What its answer has in its body, as a mark. */
const markOf = ({ target, framing, sizeBytes }: Asked, id: number) =>
  target === '/nobody/' ? 'unknown_upstream"' : `<${id} ${framing === 'none' ? 0 : sizeBytes}>`

/** After its answer the connection may be closed. */
const mayBeLast = ({ minor, framing, expects }: Asked) => minor === 0 || (expects && framing !== 'none')

test('requests of one connection are answered in their order however they come, and each is over once when its client has left', async (context) => {
  const upstream = await startUpstream(context, (incoming, response) => {
    let sizeBytes = 0
    incoming.on('data', (bytes: Buffer) => (sizeBytes += bytes.length))
    incoming.on('error', () => {})
    incoming.on('end', () => {
      const text = `<${incoming.url!.slice(1)} ${sizeBytes}>`
      if (sizeBytes % 2 === 0) response.setHeader('Content-Length', text.length)
      response.end(text)
    })
  })
  const config = testConfig(upstream)
  const pools = createPools(config.tap.upstreams)
  const counts = { handled: 0, over: 0 }
  const accept = (_: unknown, processed: () => void) => {
    counts.over += 1
    processed()
  }
  const budget = createByteBudget(100_000_000)
  const tap = createTap({ config, pools, budget, mirror: { accept } })
  const handle: typeof tap.handle = (inbound) => {
    if (!inbound.head.target.startsWith('/nobody')) counts.handled += 1
    tap.handle(inbound)
  }
  const server = createTapServer({ handle })
  await server.listen('127.0.0.1:0')
  context.after(async () => {
    await server.close(0)
    for (const pool of pools.values()) await pool.destroy()
  })

  const requests = array(request, { minLength: 1, maxLength: 6 })
  const property = asyncProperty(
    requests,
    array(nat(500_000), { maxLength: 6 }),
    ending,
    option(nat(500_000)),
    async (list, cuts, how, stopsAt) => {
      const whole = list.map(wireOf).join('')
      const text = how === 'read' || stopsAt === null ? whole : whole.slice(0, stopsAt % (whole.length + 1))
      const socket = connect({ port: Number(new URL(server.url()).port), host: '127.0.0.1', allowHalfOpen: true })
      let received = ''
      let isClosed = false
      socket.on('data', (bytes) => (received += bytes.toString('latin1')))
      socket.on('end', () => (isClosed = true))
      socket.on('error', () => (isClosed = true))
      const marks = list.map(markOf)
      const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length]
      for (const [i, place] of places.slice(1).entries()) {
        socket.write(text.slice(places[i], place), 'latin1')
        await nextTurn()
      }

      if (how === 'read') {
        const answers = () => received.match(/<\d+ \d+>|(?<="type":"understudy_)unknown_upstream"/g) ?? []
        await until(() => isClosed || answers().length === list.length, 10_000)
        const got = answers()
        deepEqual(got, marks.slice(0, got.length))
        if (!list.some(mayBeLast)) equal(got.length, list.length)
      } else if (how === 'ends') socket.end()
      socket.destroy()
      await until(() => tap.inFlight() === 0, 10_000)
      equal(counts.over, counts.handled)
      equal(budget.heldBytes(), 0)
    },
  )
  await check(property, { numRuns, seed })
})
