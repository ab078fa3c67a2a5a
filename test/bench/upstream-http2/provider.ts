// A provider that speaks HTTP/2 and HTTP/1.1 over TLS, and tells how many connections it was asked for.
import { readFileSync } from 'node:fs'
import { createSecureServer, type Http2ServerResponse } from 'node:http2'
import { connect, createServer, type Server, type Socket } from 'node:net'

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url))
const answer = Buffer.from(JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'x'.repeat(900) } }] }))
const event = Buffer.from(`data: ${JSON.stringify({ choices: [{ delta: { content: 'some words' } }] })}\n\n`)
const eventsPerStream = 40
const piece = Buffer.alloc(16_384, 'x')

const stallMs = 250
const betweenStallsMs = 500

let connections = 0
const server = createSecureServer(
  { key: fixture('localhost-key'), cert: fixture('localhost-certificate'), allowHTTP1: true },
  (request, response) => {
    if (request.url === '/endless') return endless(response)
    request.resume()
    request.on('end', () => {
      if (request.url === '/stream') return stream(response, setImmediate)
      if (request.url === '/paced') return stream(response, afterAWhile)
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
      response.end(answer)
    })
  },
)

/** Each event in a turn of its own, so that none can share a frame or a segment by design. */
function stream(response: Http2ServerResponse, later: (next: () => void) => void): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  let sent = 0
  const next = () => {
    sent += 1
    if (sent <= eventsPerStream) {
      response.write(event)
      later(next)
    } else response.end()
  }
  next()
}

/** As a model writes: 20 ms apart on average, no two streams in step. */
function afterAWhile(next: () => void): void {
  setTimeout(next, 10 + 20 * Math.random())
}

function endless(response: Http2ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/octet-stream' })
  const next = () => {
    while (!response.destroyed && response.write(piece));
  }
  response.on('drain', next)
  next()
}

function portOf(listening: Pick<Server, 'address'>): number {
  return (listening.address() as { port: number }).port
}

server.on('secureConnection', (socket) => {
  socket.setNoDelay(true)
  connections += 1
})
server.on('sessionError', () => {})
server.setTimeout(0)
process.on('message', () => process.send!({ connections }))

/** A way to the provider on which one connection after the other stands still, as one does that has lost a packet. */
const relayed = new Set<Socket>()
const relay = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ port: portOf(server), host: 'localhost', noDelay: true })
  relayed.add(client)
  client.pipe(upstream).pipe(client)
  for (const socket of [client, upstream]) {
    socket.on('error', () => {})
    socket.on('close', () => {
      relayed.delete(client)
      client.destroy()
      upstream.destroy()
    })
  }
})

setInterval(() => {
  const client = [...relayed][Math.floor(Math.random() * relayed.size)]
  client?.cork()
  setTimeout(() => client?.uncork(), stallMs)
}, betweenStallsMs)

server.listen(0, 'localhost', () =>
  relay.listen(0, 'localhost', () =>
    process.send!({ url: `https://localhost:${portOf(server)}`, stallingUrl: `https://localhost:${portOf(relay)}` }),
  ),
)
