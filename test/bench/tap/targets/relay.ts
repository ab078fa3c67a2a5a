// The floor: bytes from socket to socket, no HTTP.
import { connect, createServer } from 'node:net'

const { hostname, port } = new URL(process.argv[2]!)
const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ host: hostname, port: Number(port), noDelay: true })
  client.pipe(upstream).pipe(client)
  for (const socket of [client, upstream]) socket.on('error', () => (client.destroy(), upstream.destroy()))
})
server.listen(0, '127.0.0.1', () =>
  process.send?.({ urls: [`http://127.0.0.1:${(server.address() as { port: number }).port}`] }),
)
