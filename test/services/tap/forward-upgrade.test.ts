import { deepEqual, equal, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { exchangesIn, startRawUpstream, startTestTap, until } from './tap-kit.ts'

const ask =
  'GET /openai/v1/realtime?model=gpt-realtime HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Understudy-Conversation: c\r\n\r\n'
const accept =
  'HTTP/1.1 101 Switching As Asked\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3p\r\n\r\n'

function open(context: TestContext, url: string, text = ask): { socket: Socket; received: () => string } {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true })
  context.after(() => socket.destroy())
  let received = ''
  socket.on('data', (bytes) => (received += bytes.toString('latin1')))
  socket.on('error', () => {})
  socket.write(text, 'latin1')
  return { socket, received: () => received }
}

/** Takes up WebSocket and gives its side of the connection to the test. */
async function startAccepting(context: TestContext) {
  const side: { socket: Socket | null; received: string; closed: boolean } = {
    socket: null,
    received: '',
    closed: false,
  }
  const url = await startRawUpstream(context, (socket) => {
    side.socket = socket
    socket.on('data', (bytes) => {
      const isFirst = side.received === ''
      side.received += bytes.toString('latin1')
      if (isFirst) socket.write(`${accept}\x81\x02hi`, 'latin1')
    })
    socket.on('close', () => (side.closed = true))
  })
  return { url, side }
}

test('a WebSocket passes as raw bytes both ways, is not captured, and is counted as unsupported', async (context) => {
  const { url, side } = await startAccepting(context)
  const tap = await startTestTap(context, url)

  const { socket, received } = open(context, tap.url, `${ask}\x81\x80early`)
  await until(() => received().endsWith('hi') && side.received.endsWith('early'))
  socket.write('\x82\xff\x00', 'latin1')
  await until(() => side.received.endsWith('\x82\xff\x00'))
  side.socket!.write('\x00\xff', 'latin1')
  await until(() => received().endsWith('\x00\xff'))

  equal(received(), `${accept}\x81\x02hi\x00\xff`)
  equal(
    side.received,
    `GET /v1/realtime?model=gpt-realtime HTTP/1.1\r\nHost: ${new URL(url).host}\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x80early\x82\xff\x00',
  )
  socket.end()
  await until(() => side.closed)
  await until(() => tap.totals().unsupported === 1)
  const { served, unsupported, dropped } = tap.totals()
  deepEqual([served, unsupported, dropped, exchangesIn(tap.log).length], [1, 1, 0, 0])
})

test('one side of a WebSocket may end while the other goes on', async (context) => {
  const { url, side } = await startAccepting(context)
  const tap = await startTestTap(context, url)
  const { socket, received } = open(context, tap.url)
  await until(() => received().endsWith('hi'))

  const ended = once(socket, 'end')
  side.socket!.end('bye')
  await ended
  socket.end('still here')

  await until(() => side.received.endsWith('still here') && side.closed)
  ok(received().endsWith('bye'))
})

for (const how of ['destroy', 'resetAndDestroy'] as const) {
  test(`a WebSocket whose client is gone (${how}) is closed upstream, and the other way round`, async (context) => {
    const { url, side } = await startAccepting(context)
    const tap = await startTestTap(context, url)

    const first = open(context, tap.url)
    await until(() => first.received().endsWith('hi'))
    first.socket[how]()
    await until(() => side.closed)

    side.received = ''
    const second = open(context, tap.url)
    await until(() => second.received().endsWith('hi'))
    side.socket![how]()
    await Promise.race([once(second.socket, 'end'), once(second.socket, 'close')])
    second.socket.destroy()

    await until(() => tap.totals().unsupported === 2)
  })
}

test('a client that leaves before its WebSocket is taken up closes the connection to the upstream', async (context) => {
  let asked = false
  let closed = false
  const upstream = await startRawUpstream(context, (socket) => {
    socket.on('data', () => (asked = true))
    socket.on('close', () => (closed = true))
  })
  const tap = await startTestTap(context, upstream)

  const { socket } = open(context, tap.url)
  await until(() => asked)
  socket.end()

  await until(() => closed)
  await until(() => tap.totals().unsupported === 1)
})

test('a refused upgrade is answered in the upstream’s words, and nothing passes unread after it', async (context) => {
  let seen = ''
  const upstream = await startRawUpstream(context, (socket) => {
    socket.on('data', (bytes) => {
      seen += bytes.toString('latin1')
      socket.write('HTTP/1.1 401 Who Are You\r\nX-Request-Id: r1\r\nContent-Length: 2\r\n\r\nno')
    })
  })
  const tap = await startTestTap(context, upstream)

  const smuggled = 'GET /admin HTTP/1.1\r\nHost: a\r\n\r\n'
  const { socket, received } = open(context, tap.url, ask + smuggled)
  const ended = once(socket, 'end')
  await until(() => received().endsWith('no'))
  socket.write(smuggled)
  await ended

  equal(received(), 'HTTP/1.1 401 Who Are You\r\nX-Request-Id: r1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno')
  ok(!seen.includes('admin'), seen)
  await until(() => tap.totals().unsupported === 1)
})

test('a WebSocket to nowhere is a 404, and one to an upstream that is away a 502', async (context) => {
  const tap = await startTestTap(context, 'http://127.0.0.1:1')

  const lost = open(context, tap.url, ask.replace('/openai', '/nobody'))
  const away = open(context, tap.url)
  await Promise.all([once(lost.socket, 'end'), once(away.socket, 'end')])

  ok(lost.received().startsWith('HTTP/1.1 404 '), lost.received())
  ok(away.received().startsWith('HTTP/1.1 502 '), away.received())
})

test('stop does not wait for ever for a WebSocket', async (context) => {
  const { url } = await startAccepting(context)
  const tap = await startTestTap(context, url, { limits: { drainTimeoutMs: 50 } })
  const { received } = open(context, tap.url)
  await until(() => received().endsWith('hi'))

  await tap.stop()

  equal(tap.totals().unsupported, 1)
})
