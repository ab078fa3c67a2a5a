import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createTapServer } from '../../../services/tap/server.ts'
import { type UnderstudyError } from '../../../shared/errors.ts'
import { until } from './tap-kit.ts'

type Handle = (request: IncomingMessage, response: ServerResponse) => void

async function start(context: TestContext, handle: Handle, limits?: { headTimeoutMs: number }) {
  const server = createTapServer({ handle }, limits)
  await server.listen('127.0.0.1:0')
  let closing: Promise<void> | null = null
  const close = (timeoutMs: number) => (closing ??= server.close(timeoutMs))
  context.after(() => close(0))
  return { url: server.url(), close }
}

function open(context: TestContext, url: string): { socket: Socket; received: () => string } {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true })
  context.after(() => socket.destroy())
  let received = ''
  socket.on('data', (bytes) => (received += bytes.toString('latin1')))
  socket.on('error', () => {})
  return { socket, received: () => received }
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
const echoPath: Handle = ({ url }, response) => void response.end(url)

test('a head that never ends is given up, while a long request goes on', async (context) => {
  const held: ServerResponse[] = []
  const { url } = await start(context, (_, response) => void held.push(response), { headTimeoutMs: 50 })
  const slow = open(context, url)
  const long = open(context, url)

  long.socket.write('POST /long HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx')
  slow.socket.write('GET / HTTP/1.1\r\nX-A: b')
  const trickle = setInterval(() => slow.socket.write('c'), 10)
  context.after(() => clearInterval(trickle))
  const closed = new Promise((resolve) => slow.socket.once('close', resolve))
  slow.socket.on('end', () => slow.socket.destroy())
  await closed
  clearInterval(trickle)

  // What trickles on meets a closed connection, and that reset may overtake the answer.
  ok(['', 'HTTP/1.1 408'].includes(slow.received().slice(0, 12)), slow.received())
  held[0]!.end('still here')
  await until(() => long.received().includes('still here'))
})

test('a head of more than 64 KB is refused with 431', async (context) => {
  const { url } = await start(context, echoPath)
  const { socket, received } = open(context, url)
  const ended = once(socket, 'end')

  socket.write(`GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'b'.repeat(70_000)}\r\n\r\n`)
  await ended

  ok(received().startsWith('HTTP/1.1 431 '), received())
})

test('three thousand headers arrive', async (context) => {
  let count = 0
  const { url } = await start(context, ({ rawHeaders }, response) => {
    count = rawHeaders.length / 2
    response.end('ok')
  })
  const { socket, received } = open(context, url)

  socket.write(`GET / HTTP/1.1\r\nHost: a\r\n${'X-A: b\r\n'.repeat(3_000)}\r\n`)
  await until(() => received().endsWith('ok\r\n0\r\n\r\n') || received().endsWith('ok'))

  equal(count, 3_001)
})

test('pipelined requests are answered in their order, whichever answer is ready first', async (context) => {
  const waiting: [string, ServerResponse][] = []
  const { url } = await start(context, (request, response) => void waiting.push([request.url!, response]))
  const { socket, received } = open(context, url)

  socket.write(get('/1') + get('/2') + get('/3'))
  await until(() => waiting.length === 3)
  for (const [path, response] of waiting.toReversed()) response.end(`answer ${path}`)
  await until(() => received().includes('answer /3'))

  deepEqual(received().match(/answer \/\d/g), ['answer /1', 'answer /2', 'answer /3'])
})

test('a client that ends its side is taken for one that left', async (context) => {
  let left = false
  const { url } = await start(context, (_, response) => void response.on('close', () => (left = true)))
  const { socket } = open(context, url)

  socket.write(get('/'))
  socket.end()

  await until(() => left)
})

test('closing lets answers end and closes connections that are idle', async (context) => {
  const held: ServerResponse[] = []
  const { url, close } = await start(context, (request, response) => {
    if (request.url === '/idle') response.end('idle')
    else held.push(response)
  })
  const idle = open(context, url)
  const busy = open(context, url)
  const idleEnded = once(idle.socket, 'end')
  const busyEnded = once(busy.socket, 'end')
  idle.socket.write(get('/idle'))
  busy.socket.write(get('/busy') + get('/next'))
  await until(() => idle.received().includes('idle') && held.length === 2)

  const closing = close(30_000)
  await idleEnded
  for (const response of held) response.end('done')
  await Promise.all([busyEnded, closing])

  equal(busy.received().match(/done/g)?.length, 2)
})

test('closing does not wait longer than it may', async (context) => {
  const held: ServerResponse[] = []
  const { url, close } = await start(context, (_, response) => void held.push(response))
  const { socket } = open(context, url)
  socket.write(get('/'))
  await until(() => held.length === 1)

  await close(20)
})

test('an address in use is named', async (context) => {
  const { url } = await start(context, echoPath)
  const { host } = new URL(url)

  await rejects(
    createTapServer({ handle: echoPath }).listen(host),
    (err: UnderstudyError) => err.code === 'PORT_TAKEN' && err.message.includes(host),
  )
})
