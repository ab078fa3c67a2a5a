import { deepEqual, equal, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RunningTap } from '../../../services/tap/main.ts'
import {
  chatRequest,
  exchangesIn,
  send,
  sendRaw,
  startRawUpstream,
  startTestTap,
  startUpstream,
  until,
} from './tap-kit.ts'

const chat = '/openai/v1/chat/completions'
const refusal = 'HTTP/1.1 413 Too Much\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"error":{}}'

for (const how of ['end', 'destroy', 'destroySoon'] as const) {
  test(`an early answer reaches a client in mid-upload although the upstream closes (${how})`, async (context) => {
    const upstream = await startRawUpstream(context, (socket) => {
      socket.once('data', () => {
        // What is not read makes the closing a reset.
        socket.pause()
        socket.write(refusal, () => socket[how]())
      })
    })
    const tap = await startTestTap(context, upstream)

    for (let round = 0; round < 10; round += 1) {
      const reply = await send(tap.url, { path: chat, body: Buffer.alloc(3_000_000, 0x20) })
      deepEqual([reply.status, reply.body.toString(), reply.complete], [413, '{"error":{}}', true])
    }
  })
}

test('after an early answer the rest of the upload is read and left, and the next request is a fresh one', async (context) => {
  const heads: string[] = []
  const upstream = await startRawUpstream(context, (socket) => {
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1')
      if (!text.includes(' HTTP/1.1\r\n')) return
      heads.push(text.split(' ', 2).join(' '))
      socket.write(refusal)
    })
  })
  const tap = await startTestTap(context, upstream)
  const { socket, received } = openTo(tap)
  context.after(() => socket.destroy())

  socket.write(`POST ${chat} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbegin`)
  await until(() => received().endsWith('{}}'))
  socket.write(Buffer.alloc(999_995, 0x20))
  socket.write('GET /openai/next HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(() => heads.length === 2)

  deepEqual(heads, ['POST /v1/chat/completions', 'GET /next'])
})

const garbage: Record<string, string> = {
  'another protocol': 'SSH-2.0-OpenSSH_9.2p1\r\n',
  'a TLS alert': '\x15\x03\x01\x00\x02\x02\x16',
  'an answer framed in two ways': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  'a switch nobody asked for': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n',
}

for (const [name, text] of Object.entries(garbage)) {
  test(`what is not HTTP (${name}) is a 502 that says so, without a byte of it`, async (context) => {
    const upstream = await startRawUpstream(context, (socket) => {
      socket.once('data', () => socket.write(text, 'latin1'))
    })
    const tap = await startTestTap(context, upstream)

    const reply = await send(tap.url, { path: chat, body: chatRequest })

    equal(reply.status, 502)
    const { error } = JSON.parse(reply.body.toString())
    equal(error.type, 'understudy_upstream_not_http')
    ok(error.message.includes('tap.upstreams.openai.baseUrl') && !error.message.includes('OpenSSH'))
    await until(() => exchangesIn(tap.log).length === 1)
    equal(exchangesIn(tap.log)[0]!.served.end, 'upstream_aborted')
  })
}

test('chunks that stop being chunks break the answer off, after what had come', async (context) => {
  const upstream = await startRawUpstream(context, (socket) => {
    socket.once('data', () =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nnonsense\r\n'),
    )
  })
  const tap = await startTestTap(context, upstream)

  const reply = await send(tap.url, { path: chat, body: chatRequest })

  deepEqual([reply.status, reply.body.toString(), reply.complete], [200, 'ok', false])
})

test('a silent upstream is waited for, and then its answer passes', async (context) => {
  const answer = Promise.withResolvers<void>()
  const upstream = await startRawUpstream(context, (socket) => {
    socket.once('data', () => void answer.promise.then(() => socket.write(refusal)))
  })
  const tap = await startTestTap(context, upstream)

  const pending = send(tap.url, { path: chat, body: chatRequest })
  equal(await Promise.race([pending, sleep(300, 'silence')]), 'silence')
  answer.resolve()

  equal((await pending).status, 413)
})

test('trailers of a request go up, without what could reframe it', async (context) => {
  let seen = ''
  const upstream = await startRawUpstream(context, (socket) => {
    socket.on('data', (bytes) => {
      seen += bytes.toString('latin1')
      if (seen.endsWith('\r\n\r\n') && seen.includes('\r\n0\r\n')) socket.write(refusal)
    })
  })
  const tap = await startTestTap(context, upstream)

  await sendRaw(
    tap.url,
    `POST ${chat} HTTP/1.1\r\nHost: a\r\ntrailer: X-Sum\r\ntransfer-Encoding: Chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nX-Sum: 7\r\nx-sum: \xe9\r\nHost: evil\r\nX-Understudy-Key: k\r\n\r\n`,
    '{}}',
  )

  ok(seen.includes('\r\ntrailer: X-Sum\r\ntransfer-Encoding: Chunked\r\n\r\n'), seen)
  ok(seen.endsWith('\r\n\r\n2\r\n{}\r\n0\r\nX-Sum: 7\r\nx-sum: \xe9\r\n\r\n'), seen)
})

test('connections to the upstream are used again, one request at a time, unless either side says no', async (context) => {
  const ports: number[] = []
  const upstream = await startUpstream(context, (request, response) => {
    ports.push(request.socket.remotePort!)
    if (request.url === '/last') response.setHeader('Connection', 'close')
    request.resume().on('end', () => setTimeout(() => response.end('ok'), 20))
  })
  const tap = await startTestTap(context, upstream)

  await Promise.all([send(tap.url, { path: chat, body: '{}' }), send(tap.url, { path: chat, body: '{}' })])
  await send(tap.url, { path: '/openai/last', method: 'GET', headers: { Connection: 'close' } })
  await send(tap.url, { path: chat, body: '{}' })
  await send(tap.url, { path: chat, body: '{}' })

  equal(new Set(ports.slice(0, 2)).size, 2)
  ok(ports.slice(0, 2).includes(ports[2]!), 'used again')
  ok(!ports.slice(3).includes(ports[2]!), 'closed by the upstream')
  ok(ports.slice(0, 2).includes(ports[3]!) && ports[3] === ports[4])
})

const doubtful: Record<string, string> = {
  'a body that was sent without waiting for 100': 'POST /openai/x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n',
  'a body after an expectation that is none': 'POST /openai/x HTTP/1.1\r\nHost: a\r\nExpect: y 100-continue\r\n',
  'a body of a method that has none': 'GET /openai/x HTTP/1.1\r\nHost: a\r\n',
}

for (const [name, head] of Object.entries(doubtful)) {
  test(`an upstream that takes ${name} for a request answers nobody else with it`, async (context) => {
    let connections = 0
    const upstream = await startRawUpstream(context, (socket) => {
      connections += 1
      let seen = ''
      socket.on('data', (bytes) => {
        seen += bytes.toString('latin1')
        // It answers each head, as late as it can be, and knows no bodies.
        while (seen.includes('\r\n\r\n')) {
          const path = seen.split(' ')[1]!
          seen = seen.slice(seen.indexOf('\r\n\r\n') + 4)
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`)
        }
      })
    })
    const tap = await startTestTap(context, upstream)
    const body = 'GET /poison HTTP/1.1\r\nX: '

    const poisoner = openTo(tap)
    context.after(() => poisoner.socket.destroy())
    poisoner.socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`)
    await until(() => poisoner.received().endsWith('/x'))
    const reply = await send(tap.url, { method: 'GET', path: '/openai/victim' })

    deepEqual([reply.body.toString(), connections], ['/victim', 2])
  })
}

test('an answer that has bytes after its end does not speak for the next request', async (context) => {
  let connections = 0
  const upstream = await startRawUpstream(context, (socket) => {
    connections += 1
    socket.on('data', () => socket.write(`${refusal}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`))
  })
  const tap = await startTestTap(context, upstream)

  for (let i = 0; i < 3; i += 1) equal((await send(tap.url, { path: chat, body: chatRequest })).status, 413)

  equal(connections, 3)
})

test('an idle connection that the upstream closes or speaks on is not used again', async (context) => {
  let connections = 0
  let last: Socket | null = null
  const upstream = await startRawUpstream(context, (socket) => {
    connections += 1
    last = socket
    socket.on('data', () => socket.write(refusal))
  })
  const tap = await startTestTap(context, upstream)
  const ask = () => send(tap.url, { path: chat, body: chatRequest })
  const closedAfter = async (act: (socket: Socket) => void) => {
    const closed = once(last!, 'close')
    act(last!)
    await closed
  }

  await ask()
  await closedAfter((socket) => socket.end())
  equal((await ask()).status, 413)
  await closedAfter((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
  equal((await ask()).status, 413)

  equal(connections, 3)
})

function openTo(tap: RunningTap): { socket: Socket; received: () => string } {
  const socket = connect(Number(new URL(tap.url).port), '127.0.0.1')
  let received = ''
  socket.on('error', () => {})
  socket.on('data', (bytes) => (received += bytes.toString('latin1')))
  return { socket, received: () => received }
}
