// A provider at its cheapest: prebuilt answers over raw sockets, so that it is not what is measured. It listens on two
// ports, for the control that compares one with the other.
import { createHash } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerOf, frameOf, fullAnswer, stampedWord, streamHead } from './wire.ts'

const headEnd = Buffer.from('\r\n\r\n')
// What is longer is never looked at: it is counted.
const maxReadBytes = 65_536
const answerDelayMs = Number(process.argv[2] ?? 0)

function serve(socket: Socket): void {
  /** A whole request like the one before needs no reading. */
  let known: Buffer = Buffer.alloc(0)
  let waiting: Buffer = Buffer.alloc(0)
  let missing = 0
  socket.on('error', () => socket.destroy())
  socket.on('data', (piece: Buffer) => {
    if (missing === 0 && waiting.length === 0 && piece.length === known.length && piece.equals(known)) {
      return answer(socket, null)
    }
    if (missing > 0) {
      missing -= piece.length
      if (missing <= 0) answer(socket, null)
      return
    }
    waiting = waiting.length === 0 ? piece : Buffer.concat([waiting, piece])
    const head = waiting.indexOf(headEnd)
    if (head === -1) return
    const start = head + headEnd.length
    const end = start + Number(/content-length: *(\d+)/i.exec(waiting.toString('latin1', 0, head))?.[1] ?? 0)
    if (waiting.length < end && end > maxReadBytes) {
      missing = end - waiting.length
      waiting = Buffer.alloc(0)
      return
    }
    if (waiting.length < end) return
    const body = waiting.subarray(start, end)
    const wish = wishOf(body)
    if (wish === null) known = Buffer.from(waiting)
    waiting = Buffer.alloc(0)
    answer(socket, wish)
  })
}

type Wish = { deltas: number; intervalMs: number } | { hashOf: Buffer } | null

/** The standard fields that every gateway passes on say what is wanted. */
function wishOf(body: Buffer): Wish {
  const text = body.toString('latin1')
  if (text.includes('"prove"')) return { hashOf: body }
  if (!/"stream": *true/.test(text)) return null
  const number = (name: string): number => Number(new RegExp(`"${name}": *(\\d+)`).exec(text)?.[1])
  return { deltas: number('max_tokens'), intervalMs: number('seed') }
}

function answer(socket: Socket, wish: Wish): void {
  if (wish !== null && 'deltas' in wish) return void stream(socket, wish)
  const bytes = wish === null ? fullAnswer : answerOf(createHash('sha256').update(wish.hashOf).digest('hex'))
  if (answerDelayMs === 0) socket.write(bytes)
  else setTimeout(() => socket.write(bytes), answerDelayMs)
}

/** The last frame before [DONE] carries the hash of all bytes before it. */
async function stream(socket: Socket, { deltas, intervalMs }: { deltas: number; intervalMs: number }): Promise<void> {
  const hash = createHash('sha256')
  const frame = (delta: object): string => {
    const text = frameOf({ delta })
    hash.update(text)
    return chunkOf(text)
  }
  socket.write(streamHead + frame({ role: 'assistant', content: '' }), 'latin1')
  for (let sent = 0; sent < deltas && socket.writable; sent += 1) {
    await sleep(intervalMs)
    socket.write(frame({ content: stampedWord() }), 'latin1')
  }
  await sleep(intervalMs)
  const last = frameOf({ delta: {}, finish: 'stop', fingerprint: hash.digest('hex') })
  socket.write(`${chunkOf(last)}${chunkOf('data: [DONE]\n\n')}0\r\n\r\n`, 'latin1')
}

function chunkOf(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`
}

const ports: number[] = []
for (let i = 0; i < 2; i += 1) {
  const server = createServer({ noDelay: true }, serve).listen(0, '127.0.0.1', () => {
    ports.push((server.address() as { port: number }).port)
    if (ports.length === 2) process.send?.({ urls: ports.map((port) => `http://127.0.0.1:${port}`) })
  })
}
