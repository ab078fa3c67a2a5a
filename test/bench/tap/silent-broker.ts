import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** Takes connections and never answers, as a broker behind a broken network does. */
export async function startSilentBroker(): Promise<{ address: string; stop(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.resume().on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return { address: `127.0.0.1:${(server.address() as { port: number }).port}`, stop }
}
