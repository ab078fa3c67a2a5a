import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { exchangesIn, send, startTestTap, startUpstream, until } from './tap-kit.ts'

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8')
const certificate = fixture('localhost-certificate')
const chat = '/openai/v1/chat/completions'

type Upstream = { port: number; handshakes: { protocol: string | false; reused: boolean }[] }

async function startTlsUpstream(context: TestContext): Promise<Upstream> {
  const handshakes: Upstream['handshakes'] = []
  const options = { key: fixture('localhost-key'), cert: certificate, ALPNProtocols: ['h2', 'http/1.1'] }
  const server = createServer(options, (request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (bytes: Buffer) => pieces.push(bytes))
    request.on('end', () =>
      response.writeHead(200, 'Secret', ['X-Host', request.headers.host!]).end(Buffer.concat(pieces)),
    )
  })
  server.on('secureConnection', (socket) => {
    handshakes.push({ protocol: socket.alpnProtocol ?? false, reused: socket.isSessionReused() })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port, handshakes }
}

test('a certificate that nobody vouches for is a 502 that says why', async (context) => {
  const { port } = await startTlsUpstream(context)
  const tap = await startTestTap(context, `https://localhost:${port}`)

  const reply = await send(tap.url, { path: chat, body: '{}' })

  equal(reply.status, 502)
  const { error } = JSON.parse(reply.body.toString())
  ok(error.message.includes('DEPTH_ZERO_SELF_SIGNED_CERT'), error.message)
  await until(() => exchangesIn(tap.log).length === 1)
  equal(exchangesIn(tap.log)[0]!.served.end, 'unreachable')
})

for (const host of ['localhost', '127.0.0.1']) {
  test(`an https upstream (${host}) is spoken to in HTTP/1.1, over connections that are used again`, async (context) => {
    setDefaultCACertificates([...getCACertificates('default'), certificate])
    const { port, handshakes } = await startTlsUpstream(context)
    const tap = await startTestTap(context, `https://${host}:${port}`)
    const body = Buffer.alloc(300_000, '{"a":1}')

    for (let i = 0; i < 3; i += 1) {
      const reply = await send(tap.url, { path: chat, body })
      deepEqual([reply.status, reply.rawHeaders.slice(0, 2)], [200, ['X-Host', `${host}:${port}`]])
      deepEqual(reply.body, body)
    }
    await Promise.all([send(tap.url, { path: chat, body }), send(tap.url, { path: chat, body })])

    deepEqual(handshakes, [
      { protocol: 'http/1.1', reused: false },
      { protocol: 'http/1.1', reused: true },
    ])
  })
}

test('an https upstream that speaks plain HTTP is a 502', async (context) => {
  const plain = await startUpstream(context, (_, response) => response.end())
  const tap = await startTestTap(context, plain.replace('http:', 'https:'))

  equal((await send(tap.url, { path: chat, body: '{}' })).status, 502)
})
