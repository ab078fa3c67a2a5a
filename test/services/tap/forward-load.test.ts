import { deepEqual, equal, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { send, startRawUpstream, startTestTap, startUpstream, until } from './tap-kit.ts'

const megabyte = 1_048_576
const piece = Buffer.alloc(65_536, 'some bytes ')

/** For tap, client and upstream together. Held whole, what passes here would be 200 MB and more. */
const bound = 150 * megabyte

/** How much the process has grown while `work` ran, at its largest. */
async function growthDuring(work: Promise<unknown>): Promise<number> {
  const before = process.memoryUsage.rss()
  let largest = before
  const timer = setInterval(() => (largest = Math.max(largest, process.memoryUsage.rss())), 10)
  await work
  clearInterval(timer)
  return largest - before
}

function open(context: TestContext, url: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  context.after(() => socket.destroy())
  socket.on('error', () => {})
  return socket
}

test('a body of 100 MB passes both ways without being held', async (context) => {
  const upstream = await startUpstream(context, (request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/octet-stream' })
    request.pipe(response)
  })
  const tap = await startTestTap(context, upstream)
  const sent = createHash('sha256')
  const got = createHash('sha256')

  const growth = await growthDuring(
    new Promise<void>((resolve, reject) => {
      const request = httpRequest(`${tap.url}/openai/echo`, { method: 'POST', agent: false }, (response) => {
        response.on('data', (bytes: Buffer) => got.update(bytes))
        response.on('end', resolve)
        response.on('error', reject)
      })
      request.on('error', reject)
      let left = 1_600
      const write = () => {
        for (let room = true; room && left > 0; left -= 1) {
          sent.update(piece)
          room = request.write(piece)
        }
        if (left === 0) request.end()
      }
      request.on('drain', () => left > 0 && write())
      write()
    }),
  )

  equal(got.digest('hex'), sent.digest('hex'))
  ok(growth < bound, `${growth} bytes more`)
})

test('a slow reader of 200 MB costs no memory, and gets all of it', async (context) => {
  let written = 0
  const total = 200 * megabyte
  const upstream = await startRawUpstream(context, (socket) => {
    const write = () => {
      for (let room = true; room && written < total; written += piece.length) room = socket.write(piece)
    }
    socket.on('drain', write)
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`)
      write()
    })
  })
  const tap = await startTestTap(context, upstream)
  const socket = open(context, tap.url)
  let received = 0
  socket.on('data', (bytes) => (received += bytes.length))
  socket.pause()

  const growth = await growthDuring(
    (async () => {
      socket.write('POST /openai/v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}')
      await until(() => written > 0)
      await sleep(300)
      ok(written < total / 2, `${written} bytes were read ahead`)
      socket.resume()
      await until(() => received > total, 60_000)
    })(),
  )

  ok(growth < bound, `${growth} bytes more`)
})

test('interim answers without end wait for a client that does not read', async (context) => {
  let written = 0
  const hints = Buffer.from(`HTTP/1.1 103 Early Hints\r\nLink: <${'x'.repeat(950)}>\r\n\r\n`.repeat(60))
  const upstream = await startRawUpstream(context, (socket) => {
    const write = () => {
      for (let room = true; room && written < 150 * megabyte; written += hints.length) room = socket.write(hints)
    }
    socket.on('drain', write)
    socket.once('data', write)
  })
  const tap = await startTestTap(context, upstream)
  const socket = open(context, tap.url)
  socket.pause()

  socket.write('GET /openai/x HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(() => written > 0)
  // Until the sockets' buffers are full and nothing moves any more.
  for (let before = 0; before !== written;) {
    before = written
    await sleep(200)
  }

  ok(written < 60 * megabyte, `${written} bytes were read ahead`)
})

test('an upload waits for an upstream that does not read', async (context) => {
  const upstream = await startRawUpstream(context, (socket) => {
    socket.pause()
  })
  const tap = await startTestTap(context, upstream)
  const socket = open(context, tap.url)
  socket.write('POST /openai/x HTTP/1.1\r\nHost: a\r\nContent-Length: 200000000\r\n\r\n')

  let written = 0
  while (socket.write(piece) || (await Promise.race([once(socket, 'drain'), sleep(500, null)])) !== null) {
    written += piece.length
    if (written > 150 * megabyte) break
  }

  ok(written < 60 * megabyte, `${written} bytes were taken`)
})

test('a hundred thousand tiny chunks come down', async (context) => {
  const count = 100_000
  const chunks = Buffer.from('1\r\nx\r\n'.repeat(1_000))
  const upstream = await startRawUpstream(context, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      for (let i = 0; i < count; i += 1_000) socket.write(chunks)
      socket.write('0\r\n\r\n')
    })
  })
  const tap = await startTestTap(context, upstream)

  const reply = await send(tap.url, { path: '/openai/v1/chat/completions', body: '{}' })

  deepEqual([reply.status, reply.body.length, reply.complete], [200, count, true])
})

test('a hundred thousand tiny chunks go up', async (context) => {
  const count = 100_000
  let read = 0
  const upstream = await startUpstream(context, (request, response) => {
    request.on('data', (bytes: Buffer) => (read += bytes.length))
    request.on('end', () => {
      response.end(`{"read":${read}}`)
    })
  })
  const tap = await startTestTap(context, upstream)
  const socket = open(context, tap.url)
  let answer = ''
  socket.on('data', (bytes) => (answer += bytes.toString('latin1')))

  socket.write('POST /openai/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
  for (let i = 0; i < count; i += 1_000) socket.write('1;e=f\r\nx\r\n'.repeat(1_000))
  socket.write('0\r\n\r\n')
  await until(() => answer.includes('{"read":100000}'), 30_000)

  equal(read, count)
})

test('heads of 60 KB pass both ways', async (context) => {
  const large = 'v'.repeat(60_000)
  const upstream = await startRawUpstream(context, (socket) => {
    let seen = ''
    socket.on('data', (bytes) => {
      seen += bytes.toString('latin1')
      if (!seen.endsWith('\r\n\r\n')) return
      const [, value = ''] = /X-Large: (v+)/.exec(seen) ?? []
      socket.write(`HTTP/1.1 200 OK\r\nX-Seen: ${value.length}\r\nX-Large: ${large}\r\nContent-Length: 0\r\n\r\n`)
    })
  })
  const tap = await startTestTap(context, upstream)

  const socket = open(context, tap.url)
  let answer = ''
  socket.on('data', (bytes) => (answer += bytes.toString('latin1')))
  socket.write(`GET /openai/x HTTP/1.1\r\nHost: a\r\nX-Large: ${large}\r\n\r\n`)
  await until(() => answer.endsWith('\r\n\r\n'))

  ok(answer.includes('\r\nX-Seen: 60000\r\n') && answer.includes(`\r\nX-Large: ${large}\r\n`))
})
