import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { array, assert as check, asyncProperty, nat } from 'fast-check'
import { type Inbound, type InboundListener } from '../../../services/tap/inbound.ts'
import { createTapServer } from '../../../services/tap/server.ts'
import { type UnderstudyError } from '../../../shared/errors.ts'
import { until } from './tap-kit.ts'

type Handle = (inbound: Inbound) => void

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

function answer(inbound: Inbound, text: string): void {
  inbound.start(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n`)
  inbound.write(Buffer.from(text))
  inbound.end()
}

const echoTarget: Handle = (inbound) => answer(inbound, inbound.head.target)

const deaf: InboundListener = {
  requestBytes() {},
  requestHandedOn() {},
  requestEnd() {},
  answerDrain() {},
  answerSent() {},
  clientLeft() {},
}

test('a head that never ends is given up, while a long request goes on', async (context) => {
  const held: Inbound[] = []
  const { url } = await start(context, (inbound) => void held.push(inbound), { headTimeoutMs: 50 })
  const slow = open(context, url)
  const long = open(context, url)

  long.socket.write('POST /long HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx')
  slow.socket.write('GET / HTTP/1.1\r\nX-A: b')
  const trickle = setInterval(() => slow.socket.write('c'), 10)
  context.after(() => clearInterval(trickle))
  await until(() => slow.received() !== '')

  ok(slow.received().startsWith('HTTP/1.1 408 '), slow.received())
  answer(held[0]!, 'still here')
  await until(() => long.received().includes('still here'))
})

test('a head of more than 64 KB is refused with 431', async (context) => {
  const { url } = await start(context, echoTarget)
  const { socket, received } = open(context, url)
  const ended = once(socket, 'end')

  socket.write(`GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'b'.repeat(70_000)}\r\n\r\n`)
  await ended

  ok(received().startsWith('HTTP/1.1 431 '), received())
})

test('three thousand headers arrive', async (context) => {
  let count = 0
  const { url } = await start(context, (inbound) => {
    count = inbound.head.headers.length / 2
    answer(inbound, 'ok')
  })
  const { socket, received } = open(context, url)

  socket.write(`GET / HTTP/1.1\r\nHost: a\r\n${'X-A: b\r\n'.repeat(3_000)}\r\n`)
  await until(() => received().endsWith('ok'))

  equal(count, 3_001)
})

test('pipelined requests are taken and answered one after the other', async (context) => {
  const taken: Inbound[] = []
  const { url } = await start(context, (inbound) => void taken.push(inbound))
  const { socket, received } = open(context, url)

  socket.write(get('/1') + get('/2') + get('/3'))
  for (const count of [1, 2, 3]) {
    await until(() => taken.length === count)
    echoTarget(taken[count - 1]!)
    await until(() => received().endsWith(`/${count}`))
    equal(taken.length, Math.min(3, count + (taken.length > count ? 1 : 0)))
  }

  deepEqual(
    taken.map(({ head }) => head.target),
    ['/1', '/2', '/3'],
  )
})

test('requests are read alike however their bytes are cut', async (context) => {
  let seen: unknown[] = []
  const { url } = await start(context, (inbound) => {
    let body = ''
    inbound.listener = {
      ...deaf,
      requestBytes: (bytes) => (body += bytes.toString('latin1')),
      requestEnd: (trailers) => {
        seen.push([inbound.head, inbound.framing, body, trailers])
        answer(inbound, 'ok')
      },
    }
  })
  const text =
    '\r\nPOST /a HTTP/1.1\r\nHost:  h \r\nContent-Length: 3\r\n\r\nabc' +
    'PUT /b?c HTTP/1.0\r\nConnection: keep-alive\r\nX-E:\xe9\r\n\r\n' +
    'POST /d HTTP/1.1\r\nhost: h\r\nTransfer-Encoding: Chunked\r\n\r\n2;e=f\r\nab\r\n01\r\nc\r\n0\r\nX-T: g\r\n\r\n' +
    'GET /last HTTP/1.1\r\nHost: h\r\n\r\n'
  const { socket } = open(context, url)
  const read = async (pieces: readonly string[]) => {
    seen = []
    for (const piece of pieces) {
      await new Promise((resolve) => socket.write(piece, 'latin1', resolve))
      await nextTurn()
    }
    await until(() => seen.length === 4)
    return seen
  }

  const whole = await read([text])
  deepEqual(await read(text.split('')), whole)
  await check(
    asyncProperty(array(nat(text.length)), async (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), text.length]
      deepEqual(await read(places.slice(1).map((place, i) => text.slice(places[i], place))), whole)
    }),
    { numRuns: 50 },
  )
})

test('a flood of pipelined requests that are answered at once is answered whole', async (context) => {
  const { url } = await start(context, echoTarget)
  const { socket, received } = open(context, url)

  socket.write(get('/x').repeat(20_000))

  await until(() => received().split('HTTP/1.1 200 OK').length === 20_001, 20_000)
})

test('what comes before its turn waits in the client’s socket, not in memory', async (context) => {
  const taken: Inbound[] = []
  const { url } = await start(context, (inbound) => void taken.push(inbound))
  const { socket } = open(context, url)
  const flood = Buffer.alloc(1_048_576, get('/x'))

  socket.write(get('/first'))
  let accepted = 0
  for (let hasRoom = true; hasRoom || accepted < 5; accepted += 1) {
    hasRoom = await Promise.race([
      new Promise<boolean>((resolve) => socket.write(flood, () => resolve(true))),
      new Promise<boolean>((resolve) => setTimeout(resolve, 300, false)),
    ])
    if (!hasRoom) break
    ok(accepted < 40, 'forty megabytes were read ahead')
  }

  equal(taken.length, 1)
})

test('a client that ends its side is taken for one that left', async (context) => {
  let left = false
  const { url } = await start(context, (inbound) => {
    inbound.listener = { ...deaf, clientLeft: () => (left = true) }
  })
  const { socket } = open(context, url)

  socket.write(get('/'))
  socket.end()

  await until(() => left)
})

test('an answer is sent when its last byte has left, and not when its client leaves before', async (context) => {
  const seen: string[] = []
  const { url } = await start(context, (inbound) => {
    const { target } = inbound.head
    inbound.listener = {
      ...deaf,
      answerSent: () => seen.push(`${target} sent`),
      clientLeft: () => seen.push(`${target} left`),
    }
    answer(inbound, target === '/large' ? 'x'.repeat(50_000_000) : 'small')
  })
  const small = open(context, url)
  const large = open(context, url)
  large.socket.pause()

  small.socket.write(get('/small'))
  large.socket.write(get('/large'))
  await until(() => seen.length === 1)
  large.socket.destroy()
  await until(() => seen.length === 2)

  deepEqual(seen, ['/small sent', '/large left'])
})

test('what HTTP/1.0 and 1.1 say of the connection is done', async (context) => {
  const { url } = await start(context, echoTarget)
  const cases: [text: string, staysOpen: boolean][] = [
    ['GET /a HTTP/1.1\r\nHost: a\r\n\r\n', true],
    ['GET /a HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n', false],
    ['GET /a HTTP/1.0\r\n\r\n', false],
    ['GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n', true],
    ['\r\n\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n', true],
    // Nobody told it to go on, so it may send its body or not.
    ['POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n', false],
  ]
  for (const [text, staysOpen] of cases) {
    const { socket, received } = open(context, url)
    const ended = once(socket, 'end')
    socket.write(text)
    await until(() => received().endsWith('/a'))
    equal(received().includes('\r\nConnection: keep-alive\r\n'), staysOpen, text)
    equal(received().includes('\r\nConnection: close\r\n'), !staysOpen, text)
    if (!staysOpen) await ended
  }
})

const malformed: Record<string, string> = {
  'no Host': 'GET / HTTP/1.1\r\n\r\n',
  'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'HTTP/0.9': 'GET /\r\n\r\n',
  'two spaces in its first line': 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n',
  'a method that is no token': 'G@T / HTTP/1.1\r\nHost: a\r\n\r\n',
  'a header without a name': 'GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n',
  'a TLS hello, which has no line end': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'a TLS hello of old': '\x80\x2e\x01\x00\x02',
  'a space before its method': ' GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'a tunnel': 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n',
  'a tunnel to a path': 'CONNECT /openai HTTP/1.1\r\nHost: a\r\n\r\n',
  'a chunked body in HTTP/1.0': 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
}

for (const [name, text] of Object.entries(malformed)) {
  test(`what is no request (${name}) is a 400 that says why, and the last answer`, async (context) => {
    let taken = 0
    const { url } = await start(context, () => (taken += 1))
    const { socket, received } = open(context, url)
    const ended = once(socket, 'end')

    socket.write(text + get('/next'), 'latin1')
    await ended

    ok(received().startsWith('HTTP/1.1 400 Bad Request\r\n'), received())
    const { error } = JSON.parse(received().slice(received().indexOf('\r\n\r\n')))
    equal(error.type, 'understudy_request_malformed')
    equal(received().split('HTTP/1.1').length, 2 + error.message.split('HTTP/1.1').length - 1)
    equal(taken, 0)
  })
}

test('a request that stops being one after its answer began ends the connection, and the handler hears of it', async (context) => {
  let left = false
  const { url } = await start(context, (inbound) => {
    inbound.listener = { ...deaf, clientLeft: () => (left = true) }
    inbound.start('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n')
    inbound.write(Buffer.from('begun'))
  })
  const { socket, received } = open(context, url)
  const ended = once(socket, 'end')

  socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
  await until(() => received().endsWith('begun'))
  socket.write('nonsense\r\n')
  await ended

  equal(left, true)
  ok(received().endsWith('begun'), received())
})

test('closing lets an answer end, takes nothing more and closes connections that are idle', async (context) => {
  const held: Inbound[] = []
  const { url, close } = await start(context, (inbound) => {
    if (inbound.head.target === '/idle') answer(inbound, 'idle')
    else held.push(inbound)
  })
  const idle = open(context, url)
  const busy = open(context, url)
  const idleEnded = once(idle.socket, 'close')
  const busyEnded = once(busy.socket, 'end')
  idle.socket.on('end', () => idle.socket.end())
  busy.socket.on('end', () => busy.socket.end())
  idle.socket.write(get('/idle'))
  busy.socket.write(get('/busy') + get('/next'))
  await until(() => idle.received().includes('idle') && held.length === 1)

  const closing = close(30_000)
  await idleEnded
  answer(held[0]!, 'done')
  await Promise.all([busyEnded, closing])

  ok(busy.received().includes('\r\nConnection: close\r\n') && busy.received().endsWith('done'), busy.received())
  equal(held.length, 1)
})

test('closing does not wait longer than it may', async (context) => {
  const held: Inbound[] = []
  const { url, close } = await start(context, (inbound) => void held.push(inbound))
  const { socket } = open(context, url)
  socket.write(get('/'))
  await until(() => held.length === 1)

  await close(20)
})

test('an address in use is named', async (context) => {
  const { url } = await start(context, echoTarget)
  const { host } = new URL(url)

  await rejects(
    createTapServer({ handle: echoTarget }).listen(host),
    (err: UnderstudyError) => err.code === 'PORT_TAKEN' && err.message.includes(host),
  )
})
