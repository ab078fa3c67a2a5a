import { equal, deepEqual, ok } from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import {
  chatAnswer,
  chatEvents,
  chatRequest,
  exchangesIn,
  send,
  sendRaw,
  startRawUpstream,
  startTestTap,
  startUpstream,
  until,
  type Reply,
} from './tap-kit.ts'

const chat = '/openai/v1/chat/completions'

const bodies: { name: string; status: number; headers: [string, string][]; body: Buffer; method?: string }[] = [
  { name: 'JSON', status: 200, headers: [['Content-Type', 'application/json']], body: Buffer.from(chatAnswer) },
  { name: 'odd JSON', status: 200, headers: [], body: Buffer.from('{"n":9007199254740993,"s":"\\ud800", "e":1e400}') },
  { name: 'invalid UTF-8', status: 200, headers: [], body: Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28]) },
  { name: 'gzip', status: 200, headers: [['Content-Encoding', 'gzip']], body: gzipSync(chatAnswer) },
  { name: 'brotli', status: 200, headers: [['Content-Encoding', 'br']], body: brotliCompressSync(chatAnswer) },
  { name: 'zstd', status: 200, headers: [['Content-Encoding', 'zstd']], body: zstdCompressSync(chatAnswer) },
  { name: 'deflate', status: 200, headers: [['Content-Encoding', 'deflate']], body: deflateSync(chatAnswer) },
  { name: 'nothing, 204', status: 204, headers: [['X-Empty', '']], body: Buffer.alloc(0) },
  { name: 'nothing, 304', status: 304, headers: [['ETag', '"a"']], body: Buffer.alloc(0) },
  { name: '404', status: 404, headers: [['Content-Type', 'text/plain']], body: Buffer.from('no such model') },
  { name: '429', status: 429, headers: [['Retry-After', '7']], body: Buffer.from('{"error":{"message":"slow down"}}') },
  { name: '500', status: 500, headers: [], body: Buffer.from('{"error":null}') },
  { name: 'a status of its own', status: 529, headers: [], body: Buffer.from('overloaded') },
  { name: 'HEAD', status: 200, headers: [['Content-Length', '1234']], body: Buffer.alloc(0), method: 'HEAD' },
  {
    name: 'repeated headers',
    status: 200,
    headers: [
      ['X-A', '1'],
      ['x-b', 'é'],
      ['X-A', '2'],
    ],
    body: Buffer.from('x'),
  },
]

for (const { name, status, headers, body, method = 'POST' } of bodies) {
  test(`an answer (${name}) arrives as if there were no tap`, async (context) => {
    const upstream = await startUpstream(context, (request, response) => {
      request.resume()
      response.sendDate = false
      response.writeHead(status, 'As It Was', headers.flat())
      response.end(body)
    })
    const tap = await startTestTap(context, upstream)
    const sent = method === 'POST' ? { method, body: chatRequest } : { method }

    const direct = await send(upstream, { ...sent, path: '/v1/chat/completions' })
    const through = await send(tap.url, { ...sent, path: chat })

    deepEqual(endToEnd(through), endToEnd(direct))
    equal(through.status, status)
    deepEqual(through.body, method === 'HEAD' ? Buffer.alloc(0) : body)
  })
}

/** All but what belongs to the one connection. */
function endToEnd({ status, rawHeaders, body, complete }: Reply) {
  const own = ['connection', 'keep-alive', 'transfer-encoding']
  const headers = rawHeaders.filter((_, i) => !own.includes(rawHeaders[i - (i % 2)]!.toLowerCase()))
  return { status, headers, body, complete }
}

test('a request goes up byte for byte, with its headers in order and case, without hop-by-hop headers (but that trailers are welcome) and ours', async (context) => {
  let seen = ''
  const upstream = await startRawUpstream(context, (socket) => {
    socket.on('data', (bytes) => {
      seen += bytes.toString('latin1')
      if (seen.endsWith('\xff{}')) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
  })
  const tap = await startTestTap(context, `${upstream}/base/`)

  const answer = await sendRaw(
    tap.url,
    'PUT /openai/v1/%2F..x//y?q=%20&key=a#f HTTP/1.1\r\nHost: evil.example\r\nX-Zed: 1\r\nAuthorization: Bearer k\r\n' +
      'x-ZED: \xe9\r\nConnection: X-Secret, close\r\nX-Secret: s\r\nTE: gzip, trailers\r\nX-Understudy-Conversation: c\r\n' +
      'X-Understudy: off\r\nContent-Length: 3\r\n\r\n\xff{}',
  )

  ok(answer.startsWith('HTTP/1.1 200 OK\r\n') && answer.endsWith('ok'))
  equal(
    seen,
    `PUT /base/v1/%2F..x//y?q=%20&key=a#f HTTP/1.1\r\nHost: ${new URL(upstream).host}\r\n` +
      'X-Zed: 1\r\nAuthorization: Bearer k\r\nx-ZED: \xe9\r\nTE: trailers\r\nConnection: TE\r\nContent-Length: 3\r\n\r\n\xff{}',
  )
})

test('pieces of a stream arrive one by one as they were sent, and the request goes up before it has ended', async (context) => {
  const release = Promise.withResolvers<void>()
  const upstream = await startUpstream(context, (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    request.once('data', () => response.write('data: first\n\n'))
    void release.promise.then(() => response.end('data: second\n\n'))
  })
  const tap = await startTestTap(context, upstream)
  const upload = new TransformStream<Uint8Array, Uint8Array>()
  const writer = upload.writable.getWriter()
  void writer.write(Buffer.from('{"model":'))

  const response = await fetch(tap.url + chat, { method: 'POST', body: upload.readable, duplex: 'half' })
  const reader = response.body!.getReader()
  const first = await reader.read()
  release.resolve()
  const second = await reader.read()

  equal(Buffer.from(first.value ?? []).toString(), 'data: first\n\n')
  equal(Buffer.from(second.value ?? []).toString(), 'data: second\n\n')
  equal((await reader.read()).done, true)
  await writer.close().catch(() => {})
})

test('a client that leaves in mid-stream closes the connection to the upstream at once', async (context) => {
  let closedAtMs = 0
  const upstream = await startUpstream(context, (request, response) => {
    request.resume()
    response.on('close', () => (closedAtMs = performance.now()))
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(chatEvents(['so'])[0])
  })
  const tap = await startTestTap(context, upstream)
  const leave = new AbortController()

  const response = await fetch(tap.url + chat, { method: 'POST', body: chatRequest, signal: leave.signal })
  await response.body!.getReader().read()
  const leftAtMs = performance.now()
  leave.abort()
  await until(() => closedAtMs > 0)

  ok(closedAtMs - leftAtMs < 1_000, `took ${closedAtMs - leftAtMs} ms`)
  await until(() => exchangesIn(tap.log).length === 1)
  const [exchange] = exchangesIn(tap.log)
  equal(exchange!.served.end, 'client_aborted')
  equal(exchange!.served.answer!.outcome, 'incomplete_stream')
  equal(exchange!.served.totalMs, null)
})

test('a client that leaves before the first byte closes the connection to the upstream at once', async (context) => {
  let asked = false
  let closed = false
  const upstream = await startUpstream(context, (request, response) => {
    request.resume()
    asked = true
    response.on('close', () => (closed = true))
  })
  const tap = await startTestTap(context, upstream)
  const leave = new AbortController()

  const pending = fetch(tap.url + chat, { method: 'POST', body: chatRequest, signal: leave.signal }).catch(() => {})
  await until(() => asked)
  leave.abort()
  await pending
  await until(() => closed)
  await until(() => exchangesIn(tap.log).length === 1)
  equal(exchangesIn(tap.log)[0]!.served.end, 'client_aborted')
})

test('a client that leaves in the middle of its request closes the connection to the upstream', async (context) => {
  let started = false
  let closed = false
  const upstream = await startRawUpstream(context, (socket) => {
    socket.on('data', () => (started = true))
    socket.on('close', () => (closed = true))
  })
  const tap = await startTestTap(context, upstream)
  const socket = connect(Number(new URL(tap.url).port), '127.0.0.1')

  socket.write(`POST ${chat} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{"model":`)
  await until(() => started)
  socket.destroy()
  await until(() => closed)

  await until(() => exchangesIn(tap.log).length === 1)
  equal(exchangesIn(tap.log)[0]!.served.end, 'client_aborted')
})

test('an answer that comes before the request has ended reaches the client, and the tap goes on', async (context) => {
  const upstream = await startUpstream(context, (_, response) => {
    response.writeHead(413, { 'content-type': 'application/json' }).end('{"error":{}}')
  })
  const tap = await startTestTap(context, upstream)

  const reply = await send(tap.url, { path: chat, body: Buffer.alloc(3_000_000, 0x20) })

  equal(reply.status, 413)
  equal(reply.body.toString(), '{"error":{}}')
  equal((await send(tap.url, { path: chat, body: chatRequest })).status, 413)
})

const breaks = {
  'a chunked answer':
    'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n5\r\ndata:\r\n',
  'an answer with a length': 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ndata:',
}

for (const [name, text] of Object.entries(breaks)) {
  for (const how of ['destroy', 'end', 'resetAndDestroy'] as const) {
    test(`${name} that the upstream breaks off (${how}) breaks off for the client too, after what had come`, async (context) => {
      const upstream = await startRawUpstream(context, (socket) => {
        socket.once('data', () => socket.write(text, () => setTimeout(() => socket[how](), 10)))
      })
      const tap = await startTestTap(context, upstream)

      const reply = await send(tap.url, { path: chat, body: chatRequest })

      equal(reply.status, 200)
      equal(reply.body.toString(), 'data:')
      equal(reply.complete, false)
      await until(() => exchangesIn(tap.log).length === 1)
      equal(exchangesIn(tap.log)[0]!.served.end, 'upstream_aborted')
    })
  }
}

test('an HTTP/1.0 client, to whom closing means the end, gets a reset where the answer broke off', async (context) => {
  const upstream = await startRawUpstream(context, (socket) => {
    socket.once('data', () => socket.write(breaks['a chunked answer'], () => setTimeout(() => socket.destroy(), 10)))
  })
  const tap = await startTestTap(context, upstream)
  let failure: unknown
  const socket = connect(Number(new URL(tap.url).port), '127.0.0.1')
  socket.on('error', (err) => (failure = err))
  socket.on('data', () => {})

  socket.write('GET /openai/v1/models HTTP/1.0\r\nHost: a\r\n\r\n')
  await new Promise((resolve) => socket.on('close', resolve))

  equal((failure as NodeJS.ErrnoException).code, 'ECONNRESET')
})

test('an upstream that closes before it answers is a closed connection for the client, not an answer', async (context) => {
  const upstream = await startRawUpstream(context, (socket) => socket.once('data', () => socket.destroy()))
  const tap = await startTestTap(context, upstream)

  const failure = await send(tap.url, { path: chat, body: chatRequest }).catch((err: unknown) => err)

  equal((failure as NodeJS.ErrnoException).code, 'ECONNRESET')
  await until(() => exchangesIn(tap.log).length === 1)
  equal(exchangesIn(tap.log)[0]!.served.end, 'upstream_aborted')
  equal(exchangesIn(tap.log)[0]!.served.status, null)
})

test('an upstream that cannot be reached is a 502 that says so, while the request body is still coming', async (context) => {
  const tap = await startTestTap(context, 'http://127.0.0.1:1')

  const reply = await send(tap.url, { path: chat, body: Buffer.alloc(300_000, 0x20) })

  equal(reply.status, 502)
  const { error } = JSON.parse(reply.body.toString())
  equal(error.type, 'understudy_upstream_unreachable')
  ok(error.message.includes('tap.upstreams.openai.baseUrl'))
  await until(() => exchangesIn(tap.log).length === 1)
  equal(exchangesIn(tap.log)[0]!.served.end, 'unreachable')
})

test('an unknown upstream is a 404 that names the known ones', async (context) => {
  const tap = await startTestTap(context, 'http://127.0.0.1:1')

  const reply = await send(tap.url, { path: '/v1/chat/completions', body: chatRequest })

  equal(reply.status, 404)
  ok(JSON.parse(reply.body.toString()).error.message.includes('/openai, /anthropic'))
})

test('no shape of the request target reaches another host or climbs above the base URL', async (context) => {
  let strangers = 0
  const stranger = await startUpstream(context, (_, response) => {
    strangers += 1
    response.end('stranger')
  })
  const paths: string[] = []
  const upstream = await startUpstream(context, (request, response) => {
    paths.push(request.url!)
    response.end('configured')
  })
  const tap = await startTestTap(context, `${upstream}/team`)
  const host = new URL(stranger).host
  const statuses: number[] = []
  for (const target of [
    `http://${host}/openai/a`,
    `//${host}/openai/b`,
    `/openai//${host}/c`,
    `/openai/@${host}/d`,
    `/openai?http://${host}/e`,
    '/openai/../admin',
    '/openai/..%2fadmin',
    '/openai/%2e%2E/admin',
    '/openai/x/%252e%252e/admin',
    '/openai/..\\admin',
    '/openai/..;a/admin',
    '/openai/..%3ba/admin',
    '/openai%2f..%2fadmin',
    '*',
  ]) {
    const answer = await sendRaw(tap.url, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    statuses.push(Number(answer.slice(9, 12)))
  }

  equal(strangers, 0)
  deepEqual(statuses, [200, 404, 200, 200, 200, 400, 400, 400, 400, 400, 400, 400, 404, 404])
  deepEqual(paths, ['/team/a', `/team//${host}/c`, `/team/@${host}/d`, `/team?http://${host}/e`])
})

const smuggled = {
  'both lengths': 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two lengths': 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!',
  'chunked and identity': 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
  'a bare line feed in the head': 'X-A: b\nX-C: d\r\n\r\n',
  'a space before the colon': 'Content-Length : 5\r\n\r\nhello',
}

for (const [name, rest] of Object.entries(smuggled)) {
  test(`a request with ${name} is refused and goes nowhere`, async (context) => {
    let asked = 0
    const upstream = await startUpstream(context, (_, response) => {
      asked += 1
      response.end()
    })
    const tap = await startTestTap(context, upstream)

    const answer = await sendRaw(tap.url, `POST ${chat} HTTP/1.1\r\nHost: a\r\n${rest}`)

    ok(answer.startsWith('HTTP/1.1 400 '), answer)
    await sleep(5)
    equal(asked, 0)
  })
}

test('trailers and an early hint pass', async (context) => {
  const upstream = await startRawUpstream(context, (socket) => {
    socket.once('data', () =>
      socket.write(
        'HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n' +
          'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n',
      ),
    )
  })
  const tap = await startTestTap(context, upstream)

  const answer = await sendRaw(tap.url, 'GET /openai/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')

  ok(answer.startsWith('HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n'), answer)
  ok(answer.endsWith('2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n'), answer)
})

test('a request that waits for 100 waits for the upstream, which gets its Expect', async (context) => {
  let seen = ''
  const upstream = await startRawUpstream(context, (socket) => {
    socket.on('data', (bytes) => {
      seen += bytes.toString('latin1')
      if (seen.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
      if (seen.endsWith('{}')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
  })
  const tap = await startTestTap(context, upstream)
  const socket = connect(Number(new URL(tap.url).port), '127.0.0.1')
  context.after(() => socket.destroy())
  let answer = ''
  socket.on('data', (bytes) => (answer += bytes.toString('latin1')))

  socket.write(`POST ${chat} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`)
  await until(() => answer !== '')
  equal(answer, 'HTTP/1.1 100 Continue\r\n\r\n')
  socket.write('{}')
  await until(() => answer.endsWith('ok'))

  ok(seen.includes('\r\nExpect: 100-continue\r\n'), seen)
})

for (const expectation of ['100-continue', 'a-miracle']) {
  test(`an expectation (${expectation}) that the upstream refuses is refused with its own words`, async (context) => {
    const upstream = await startRawUpstream(context, (socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 417 No Way\r\nContent-Length: 2\r\n\r\nno'))
    })
    const tap = await startTestTap(context, upstream)

    const answer = await sendRaw(
      tap.url,
      `POST ${chat} HTTP/1.1\r\nHost: a\r\nExpect: ${expectation}\r\nContent-Length: 2\r\n\r\n`,
      'no',
    )

    ok(answer.startsWith('HTTP/1.1 417 No Way\r\n'), answer)
  })
}

test('what asks for another protocol than WebSocket goes up as a plain request', async (context) => {
  let seen: string[] = []
  const upstream = await startUpstream(context, (request, response) => {
    seen = request.rawHeaders.map((part) => part.toLowerCase())
    request.resume().on('end', () => response.end('ok'))
  })
  const tap = await startTestTap(context, upstream)

  const answer = await sendRaw(
    tap.url,
    `POST ${chat} HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade, close\r\nContent-Length: 2\r\n\r\n{}`,
  )

  ok(answer.startsWith('HTTP/1.1 200 OK\r\n'), answer)
  ok(!seen.includes('upgrade'))
})

test('a slow reader holds the upstream back instead of filling the tap', async (context) => {
  let written = 0
  const piece = Buffer.alloc(65_536, 0x61)
  const upstream = await startUpstream(context, (_, response) => {
    const write = () => {
      for (let room = true; room && written < 100_000_000; written += piece.length) room = response.write(piece)
    }
    response.on('drain', write)
    write()
  })
  const tap = await startTestTap(context, upstream)
  const socket = connect(Number(new URL(tap.url).port), '127.0.0.1')
  context.after(() => socket.destroy())
  socket.pause()

  socket.write('GET /openai/x HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(() => written > 0)
  // Until the sockets' buffers are full and nothing moves any more.
  for (let before = 0; before !== written;) {
    before = written
    await sleep(100)
  }

  ok(written < 40_000_000, `${written} bytes were read ahead`)
})
