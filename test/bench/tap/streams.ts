import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAnswerReader } from './answer-reader.ts'
import { nowUs, stampsIn } from './wire.ts'

/** `gapsUs`: from piece to piece. `addedGapsUs`: from frame to frame, less the gap that the provider left between them. */
export type Stream = { ttftUs: number; gapsUs: number[]; addedGapsUs: number[]; frames: number; isIdentical: boolean }

type Piece = { atUs: number; bytes: Buffer }
type Heard = { sentUs: number; pieces: Piece[] }

/** One stream after the other on one connection. */
export async function streamsInTurn(url: string, request: Buffer, seconds: number): Promise<Stream[]> {
  const socket = await connected(url)
  const heard: Heard[] = []
  for (const endMs = performance.now() + seconds * 1_000; performance.now() < endMs;) {
    heard.push(await listen(socket, request))
  }
  socket.destroy()
  return heard.map(streamOf)
}

/** All at the same time, each on a connection of its own; they start spread over `spreadMs`. */
export async function streamsTogether(
  url: string,
  request: Buffer,
  { count, spreadMs }: { count: number; spreadMs: number },
): Promise<{ streams: Stream[]; broken: number }> {
  const sockets = await Promise.all(Array.from({ length: count }, () => connected(url)))
  const heard = await Promise.all(
    sockets.map(async (socket, index) => {
      await sleep((spreadMs * index) / count)
      return listen(socket, request).catch(() => null)
    }),
  )
  for (const socket of sockets) socket.destroy()
  // Nothing is looked at before all have ended: that would hold up the others.
  const streams = heard.filter((one) => one !== null).map(streamOf)
  return { streams, broken: count - streams.length }
}

async function connected(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  return socket
}

function listen(socket: Socket, request: Buffer): Promise<Heard> {
  const { promise, resolve, reject } = Promise.withResolvers<Heard>()
  const pieces: Piece[] = []
  let atUs = 0
  const read = createAnswerReader({
    data: (bytes) => pieces.push({ atUs, bytes }),
    end: ({ status }) => (status === 200 ? resolve({ sentUs, pieces }) : reject(new Error(`status ${status}`))),
  })
  const hear = (piece: Buffer): void => {
    atUs = nowUs()
    read(piece)
  }
  const fail = (): void => reject(new Error('the connection ended within a stream'))
  socket.on('data', hear).on('close', fail).on('error', fail)
  const sentUs = nowUs()
  socket.write(request)
  return promise.finally(() => socket.off('data', hear).off('close', fail).off('error', fail))
}

function streamOf({ sentUs, pieces }: Heard): Stream {
  const text = pieces.map(({ bytes }) => bytes.toString('latin1')).join('')
  const ends = pieces.map((_, index) => index)
  let length = 0
  for (const index of ends) ends[index] = length += pieces[index]!.bytes.length
  const arrivedUs = (end: number): number => pieces[ends.findIndex((pieceEnd) => pieceEnd >= end)]!.atUs
  const frames = stampsIn(text).map((stamp) => ({ sentUs: stamp.sentUs, atUs: arrivedUs(stamp.end) }))
  return {
    ttftUs: (pieces[0]?.atUs ?? Number.NaN) - sentUs,
    gapsUs: steps(pieces.map(({ atUs }) => atUs)),
    addedGapsUs: steps(frames.map((frame) => frame.atUs - frame.sentUs)),
    frames: text.split('\n\n').length - 1,
    isIdentical: isIdentical(text),
  }
}

function steps(values: number[]): number[] {
  return values.slice(1).map((value, index) => value - values[index]!)
}

/** The frame before [DONE] has the hash of everything before it. */
function isIdentical(text: string): boolean {
  const last = text.lastIndexOf('data: ', text.lastIndexOf('data: [DONE]') - 1)
  const hash = createHash('sha256').update(text.slice(0, last), 'latin1').digest('hex')
  return last > 0 && text.slice(last).includes(`"${hash}"`) && text.endsWith('data: [DONE]\n\n')
}
