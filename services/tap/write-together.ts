import { type Socket } from 'node:net'

// A copy up to here is cheaper than a second piece for the system to write.
const maxCopiedBytes = 16_384

/** A head and the first bytes after it, in one write. False: wait for `drain`. */
export function writeTogether(socket: Socket, head: string, bytes: Buffer): boolean {
  if (bytes.length <= maxCopiedBytes) {
    const joined = Buffer.allocUnsafe(head.length + bytes.length)
    joined.write(head, 'latin1')
    bytes.copy(joined, head.length)
    return socket.write(joined)
  }
  socket.cork()
  socket.write(head, 'latin1')
  const hasRoom = socket.write(bytes)
  socket.uncork()
  return hasRoom
}
