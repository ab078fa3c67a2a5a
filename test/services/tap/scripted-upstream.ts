import { type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type TestContext } from 'node:test'
import { startRawUpstream } from './tap-kit.ts'

/** What the upstream does with one request: the bytes it sends, cut as they are here, and how it ends. */
export type Script = {
  pieces: Buffer[]
  answersAfter: 'head' | 'body'
  /** `close`: the connection is closed in order after the last piece, wherever in the answer that is. */
  ending: 'stay' | 'close'
}

export type SeenRequest = { line: string; headers: [string, string][]; body: string; trailers: [string, string][] }

/** An upstream that does what the request's `X-Script` names. It reads requests on its own, without a parser of Node's. */
export async function startScriptedUpstream(context: TestContext) {
  const scripts = new Map<string, Script>()
  const seen = new Map<string, SeenRequest[]>()
  const url = await startRawUpstream(context, (socket) => {
    let text = ''
    let answered = false
    socket.setNoDelay(true)
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      const headEnd = text.indexOf('\r\n\r\n')
      if (headEnd === -1) return
      const name = /^x-script: (.*)$/im.exec(text.slice(0, headEnd))?.[1] ?? ''
      const script = scripts.get(name)!
      if (script.answersAfter === 'head' && !answered) void play(socket, script)
      answered = script.answersAfter === 'head'
      const request = readRequest(text)
      if (request === null) return
      text = request.rest
      answered = false
      seen.set(name, [...(seen.get(name) ?? []), request])
      if (script.answersAfter === 'body') void play(socket, script)
    })
  })
  return { url, scripts, seen }
}

async function play(socket: Socket, { pieces, ending }: Script): Promise<void> {
  for (const piece of pieces) {
    if (piece.length > 0) await new Promise((resolve) => socket.write(piece, resolve))
    await nextTurn()
  }
  if (ending === 'close') socket.end()
}

/** Null while the request is not complete. */
function readRequest(text: string): (SeenRequest & { rest: string }) | null {
  const headEnd = text.indexOf('\r\n\r\n')
  const [line = '', ...lines] = text.slice(0, headEnd).split('\r\n')
  const headers = fieldsOf(lines)
  const value = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1]
  const start = headEnd + 4
  if (value('transfer-encoding') === undefined) {
    const end = start + Number(value('content-length') ?? 0)
    if (text.length < end) return null
    return { line, headers, body: text.slice(start, end), trailers: [], rest: text.slice(end) }
  }
  return readChunks(text, start, { line, headers })
}

function readChunks(text: string, start: number, head: Pick<SeenRequest, 'line' | 'headers'>) {
  let body = ''
  for (let at = start; ;) {
    const lineEnd = text.indexOf('\r\n', at)
    if (lineEnd === -1) return null
    const size = Number.parseInt(text.slice(at, lineEnd), 16)
    if (size === 0) {
      const end = text.indexOf('\r\n\r\n', lineEnd)
      if (end === -1) return null
      const lines = text.slice(lineEnd + 2, end + 2).split('\r\n')
      return { ...head, body, trailers: fieldsOf(lines.filter((line) => line !== '')), rest: text.slice(end + 4) }
    }
    body += text.slice(lineEnd + 2, lineEnd + 2 + size)
    at = lineEnd + 2 + size + 2
    if (text.length < at) return null
  }
}

function fieldsOf(lines: string[]): [string, string][] {
  return lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
}
