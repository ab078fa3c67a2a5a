import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import { createPools } from '../../../services/tap/upstreams.ts'

/** What a way to the provider must be able to do. Everything is called back in a later turn, as a socket would. */
export type Client = {
  exchange(path: string, ended: () => void): void
  /** 8 MiB up, as fast as they go. */
  upload(ended: () => void): void
  /** An answer without end, of which 64 KiB are read every 20 ms. */
  readSlowly(): void
  close(): Promise<void>
}

const request = Buffer.from(
  JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Where is my parcel? '.repeat(45) }] }),
)
const uploadPiece = Buffer.alloc(65_536, 'x')
const uploadPieces = 128
const slowReadMs = 20
const slowReadBytes = 65_536

function failed(reason: unknown): never {
  throw new Error(`an exchange failed: ${JSON.stringify(reason)}`)
}

/** Writes for as long as there is room; to be called again when there is. */
function pieces(write: (bytes: Buffer) => boolean, end: () => void): () => void {
  let left = uploadPieces
  return () => {
    let hasRoom = true
    for (; left > 0 && hasRoom; left -= 1) hasRoom = write(uploadPiece)
    if (left === 0) end()
  }
}

/** The tap's own client: a connection for each exchange under way. */
export function http1Client(baseUrl: string): Client {
  const pool = createPools({ provider: { dialect: 'openai', baseUrl } }).get('provider')!
  let isClosing = false

  function ask(
    path: string,
    sizeBytes: number,
    on: { bytes?: (bytes: Buffer) => void; end?: () => void; drain?: () => void },
  ) {
    const head = `POST ${path} HTTP/1.1\r\nhost: ${pool.host}\r\ncontent-type: application/json\r\nauthorization: Bearer sk-bench\r\ncontent-length: ${sizeBytes}\r\n\r\n`
    return pool.ask(
      { method: 'POST', head, isChunked: false, maySwitch: false },
      {
        information() {},
        head() {},
        bytes: on.bytes ?? (() => {}),
        wire() {},
        end: on.end ?? (() => {}),
        switched() {},
        handedOn() {},
        drain: on.drain ?? (() => {}),
        failed: (failure) => isClosing || failed(failure),
      },
    )
  }

  return {
    exchange(path, ended) {
      const call = ask(path, request.length, { end: () => process.nextTick(ended) })
      call.write(request)
      call.end('')
    },
    upload(ended) {
      const next = pieces(
        (bytes) => call.write(bytes),
        () => call.end(''),
      )
      const call = ask('/upload', uploadPieces * uploadPiece.length, {
        end: () => process.nextTick(ended),
        drain: next,
      })
      next()
    },
    readSlowly() {
      let seen = 0
      const call = ask('/endless', 0, {
        bytes(bytes) {
          seen += bytes.length
          if (seen < slowReadBytes) return
          seen = 0
          call.pause()
          setTimeout(() => call.resume(), slowReadMs)
        },
      })
      call.end('')
    },
    async close() {
      isClosing = true
      await pool.destroy()
    },
  }
}

/** Exchanges take turns on so many sessions. */
export async function http2Client(baseUrl: string, sessionCount: number): Promise<Client> {
  const sessions = Array.from({ length: sessionCount }, () => connect(baseUrl))
  await Promise.all(sessions.map((session) => once(session, 'connect')))
  let turn = 0
  let isClosing = false

  const nextSession = (): ClientHttp2Session => sessions[turn++ % sessions.length]!

  function ask(session: ClientHttp2Session, path: string, sizeBytes: number): ClientHttp2Stream {
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: path,
      'content-type': 'application/json',
      authorization: 'Bearer sk-bench',
      'content-length': sizeBytes,
    })
    return stream.on('error', (err) => isClosing || failed(err.message))
  }

  return {
    exchange(path, ended) {
      const stream = ask(nextSession(), path, request.length)
      stream.on('data', () => {})
      stream.on('end', () => process.nextTick(ended))
      stream.end(request)
    },
    upload(ended) {
      const stream = ask(sessions[0]!, '/upload', uploadPieces * uploadPiece.length)
      stream.on('data', () => {})
      stream.on('end', () => process.nextTick(ended))
      const next = pieces(
        (bytes) => stream.write(bytes),
        () => stream.end(),
      )
      stream.on('drain', next)
      next()
    },
    readSlowly() {
      const stream = ask(sessions[0]!, '/endless', 0)
      stream.end()
      let seen = 0
      stream.on('data', (bytes: Buffer) => {
        seen += bytes.length
        if (seen < slowReadBytes) return
        seen = 0
        stream.pause()
        setTimeout(() => stream.resume(), slowReadMs)
      })
    },
    async close() {
      isClosing = true
      for (const session of sessions) session.destroy()
    },
  }
}
