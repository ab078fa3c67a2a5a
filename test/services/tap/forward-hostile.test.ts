import { deepEqual, equal, ok } from 'node:assert/strict'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { sendRaw, startRawUpstream, startTestTap, until } from './tap-kit.ts'

/** An upstream that keeps all it gets and answers each request, as it reads them, once. */
async function startKeeping(context: TestContext) {
  const kept = { text: '' }
  const url = await startRawUpstream(context, (socket) => {
    socket.on('data', (bytes) => {
      kept.text += bytes.toString('latin1')
      if (/\r\n\r\n(hello|0\r\n\r\n|5\r\nhello\r\n0\r\n\r\n)?$/.test(kept.text)) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      }
    })
  })
  return { url, kept }
}

test('a request that names its own framing in Connection keeps it', async (context) => {
  const { url, kept } = await startKeeping(context)
  const tap = await startTestTap(context, url)
  const names = 'Connection: content-length, host, transfer-encoding, x-a, close\r\nX-A: b\r\n'

  const sized = await sendRaw(tap.url, `POST /openai/x HTTP/1.1\r\nHost: a\r\n${names}Content-Length: 5\r\n\r\nhello`)
  const { host } = new URL(url)
  equal(kept.text, `POST /x HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\n\r\nhello`)
  kept.text = ''
  const chunked = await sendRaw(
    tap.url,
    `POST /openai/x HTTP/1.1\r\nHost: a\r\n${names}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  )

  equal(kept.text, `POST /x HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`)
  for (const answer of [sized, chunked]) ok(answer.endsWith('ok'), answer)
})

test('an answer that names its own framing in Connection keeps it', async (context) => {
  const upstream = await startRawUpstream(context, (socket) => {
    socket.once('data', () =>
      socket.write('HTTP/1.1 200 OK\r\nConnection: content-length, x-a\r\nX-A: b\r\nContent-Length: 2\r\n\r\nok'),
    )
  })
  const tap = await startTestTap(context, upstream)

  const answer = await sendRaw(tap.url, 'GET /openai/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')

  equal(answer, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok')
})

test('a client of HTTP/1.0 without a host is served, and its Expect means nothing', async (context) => {
  const { url, kept } = await startKeeping(context)
  const tap = await startTestTap(context, url)

  const answer = await sendRaw(tap.url, 'GET /openai/x HTTP/1.0\r\nExpect: 100-continue\r\nX-A: b\r\n\r\n')

  ok(answer.endsWith('\r\n\r\nok'), answer)
  equal(kept.text, `GET /x HTTP/1.1\r\nHost: ${new URL(url).host}\r\nX-A: b\r\n\r\n`)
})

const chunked = 'Transfer-Encoding: chunked\r\n\r\n'
const refused: Record<string, { text: string; status: number }> = {
  'a second host': { text: 'HOST: evil.example\r\n\r\n', status: 400 },
  'a folded header': { text: 'X-A: b\r\n c\r\n\r\n', status: 400 },
  'a folded coding': { text: 'Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n', status: 400 },
  'a line of blanks in its head': { text: 'X-A: b\r\n \t\r\nContent-Length: 5\r\n\r\nhello', status: 400 },
  'a coding after a blank that is none': { text: 'Transfer-Encoding: \xa0chunked\r\n\r\n0\r\n\r\n', status: 501 },
  'a vertical tab before its coding': { text: 'Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n', status: 400 },
  'a space in its coding’s name': { text: 'Transfer Encoding: chunked\r\n\r\n0\r\n\r\n', status: 400 },
  'a tab after its coding’s name': { text: 'Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n', status: 400 },
  'a null byte in a name': { text: 'Content-Length\x00: 5\r\n\r\nhello', status: 400 },
  'a coding in quotes': { text: 'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n', status: 501 },
  'a coding with a parameter': { text: 'Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n', status: 501 },
  'an empty coding': { text: 'Transfer-Encoding:\r\n\r\n0\r\n\r\n', status: 501 },
  'an empty coding and a length': { text: 'Transfer-Encoding:\r\nContent-Length: 5\r\n\r\nhello', status: 400 },
  'an empty length': { text: 'Content-Length:\r\n\r\nhello', status: 400 },
  'a length in hex': { text: 'Content-Length: 0x5\r\n\r\nhello', status: 400 },
  'a length with a point': { text: 'Content-Length: 5.0\r\n\r\nhello', status: 400 },
  'a length beyond all bounds': { text: 'Content-Length: 18446744073709551621\r\n\r\nhello', status: 400 },
  'a carriage return that ends no line': { text: 'X-A: b\rContent-Length: 5\r\n\r\nhello', status: 400 },
  'a size line that ends in LF': { text: `${chunked}5\nhello\r\n0\r\n\r\n`, status: 400 },
  'a size line that ends in CR': { text: `${chunked}5\rhello\r\n0\r\n\r\n`, status: 400 },
  'an extension that ends in LF': { text: `${chunked}5;a\nhello\r\n0\r\n\r\n`, status: 400 },
  'an extension with a CR in it': { text: `${chunked}5;a="\rb"\r\nhello\r\n0\r\n\r\n`, status: 400 },
  'a size with a blank before it': { text: `${chunked} 5\r\nhello\r\n0\r\n\r\n`, status: 400 },
  'a size with a blank in it': { text: `${chunked}1 5\r\nhello\r\n0\r\n\r\n`, status: 400 },
  'a size with a prefix': { text: `${chunked}0x5\r\nhello\r\n0\r\n\r\n`, status: 400 },
  'a size with a sign': { text: `${chunked}-5\r\nhello\r\n0\r\n\r\n`, status: 400 },
  'a size in parts': { text: `${chunked}5_0\r\nhello\r\n0\r\n\r\n`, status: 400 },
  'a chunk that ends in LF': { text: `${chunked}5\r\nhello\n0\r\n\r\n`, status: 400 },
  'two bytes where a chunk should end': { text: `${chunked}5\r\nhelloXX0\r\n\r\n`, status: 400 },
  'an extension without end': { text: `${chunked}5;${'a'.repeat(20_000)}`, status: 400 },
  'a trailer without a name': { text: `${chunked}0\r\n: a\r\n\r\n`, status: 400 },
  'a folded trailer': { text: `${chunked}0\r\nX-A: b\r\n c\r\n\r\n`, status: 400 },
  'a trailer that ends in LF': { text: `${chunked}0\r\nX-A: b\n\r\n`, status: 400 },
  'a coding beside chunked': { text: 'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', status: 501 },
  'chunked twice': { text: 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', status: 400 },
  'a length in a coding that is no coding': { text: 'Transfer-Encoding: xchunked\r\n\r\nhello', status: 501 },
  'a length with a sign': { text: 'Content-Length: +5\r\n\r\nhello', status: 400 },
  'a length as a list': { text: 'Content-Length: 5, 5\r\n\r\nhello', status: 400 },
  'a null byte': { text: 'X-A: b\x00c\r\n\r\n', status: 400 },
  'a chunk longer than it says': { text: 'Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n', status: 400 },
  'a size beyond all bounds': { text: 'Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nab', status: 400 },
}

for (const [name, { text, status }] of Object.entries(refused)) {
  test(`a request with ${name} is refused and smuggles nothing`, async (context) => {
    const { url, kept } = await startKeeping(context)
    const tap = await startTestTap(context, url)
    const smuggled = 'GET /openai/smuggled HTTP/1.1\r\nHost: a\r\n\r\n'

    const answer = await sendRaw(tap.url, `POST /openai/x HTTP/1.1\r\nHost: a\r\n${text}${smuggled}`)

    ok(answer.startsWith(`HTTP/1.1 ${status} `), answer)
    ok(!kept.text.includes('smuggled'), kept.text)
  })
}

test('requests on one socket are each forwarded, and answered in order', async (context) => {
  const upstream = await startRawUpstream(context, (socket) => {
    socket.on('data', (bytes) => {
      const path = bytes.toString('latin1').split(' ')[1]!
      const answer = () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`)
      if (path === '/slow') setTimeout(answer, 50)
      else answer()
    })
  })
  const tap = await startTestTap(context, upstream)
  const socket = connect(Number(new URL(tap.url).port), '127.0.0.1')
  context.after(() => socket.destroy())
  let answer = ''
  socket.on('data', (bytes) => (answer += bytes.toString('latin1')))

  const ask = (path: string) => `POST /openai/${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}`
  socket.write(ask('slow') + ask('b') + ask('c'))
  await until(() => answer.endsWith('/c'))

  deepEqual(answer.match(/(?<=\r\n\r\n)\/[a-z]+/g), ['/slow', '/b', '/c'])
})

test('a pipelined request whose upstream breaks off closes the connection after the answers before it', async (context) => {
  const upstream = await startRawUpstream(context, (socket) => {
    socket.on('data', (bytes) => {
      if (bytes.toString('latin1').includes('/broken')) socket.destroy()
      else setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), 50)
    })
  })
  const tap = await startTestTap(context, upstream)

  const ask = (path: string) => `GET /openai/${path} HTTP/1.1\r\nHost: a\r\n\r\n`
  const answer = await sendRaw(tap.url, ask('slow') + ask('broken') + ask('slow'))

  equal(answer.match(/HTTP\/1.1 200 OK/g)?.length, 1)
  ok(answer.endsWith('ok'), answer)
})

test('a client that leaves while pipelined requests wait closes the connection of the one under way, and no other was asked', async (context) => {
  let asked = 0
  let closed = 0
  const upstream = await startRawUpstream(context, (socket) => {
    socket.on('data', () => {
      asked += 1
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n${'x'.repeat(300_000)}`)
    })
    socket.on('close', () => (closed += 1))
  })
  const tap = await startTestTap(context, upstream)
  const socket = connect(Number(new URL(tap.url).port), '127.0.0.1')
  socket.on('error', () => {})

  socket.write('GET /openai/x HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3))
  await until(() => asked === 1)
  socket.destroy()

  await until(() => closed === 1)
  await until(() => tap.totals().unsupported === 1)
  equal(asked, 1)
})
