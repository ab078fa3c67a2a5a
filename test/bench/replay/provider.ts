// A provider in a process of its own. It shares the machine with what is measured, so whole answers go out over bare
// sockets: by `node:http` they took half of the second core, and its garbage collector the first.
import { once } from 'node:events'
import { createServer as createHttpServer, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { chatChunks, chatCompletion } from '../../services/replay/pretend-provider.ts'
import { type Urls } from './urls.ts'

const answer = JSON.stringify(chatCompletion('The sky is blue on most days.'))
const whole = Buffer.from(
  [
    'HTTP/1.1 200 OK',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(answer)}`,
    'keep-alive: timeout=60',
    '',
    answer,
  ].join('\r\n'),
)

/** One answer for each request of the connection, at once or so much later. */
const answerWhole =
  (afterMs: number) =>
  (socket: Socket): void => {
    let text = ''
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('error', () => {})
    socket.on('data', (piece: string) => {
      text += piece
      for (let end = endOfRequest(text); end !== null; end = endOfRequest(text)) {
        text = text.slice(end)
        if (afterMs === 0) socket.write(whole)
        else setTimeout(() => socket.write(whole), afterMs)
      }
    })
  }

/** Null: the request is not whole yet. */
function endOfRequest(text: string): number | null {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return null
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnd))?.[1] ?? 0)
  const end = headEnd + 4 + length
  return end <= text.length ? end : null
}

/** As many events, so far apart, as the body's `user` says. */
async function stream(response: ServerResponse, events: number, gapMs: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const words = Array.from({ length: events - 3 }, (_, nth) => `word${nth} `)
  for (const event of chatChunks(words)) {
    response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
    await sleep(gapMs)
  }
  response.end()
}

const streams = createHttpServer((request, response) => {
  let text = ''
  request.setEncoding('utf8')
  request.on('data', (piece: string) => (text += piece))
  request.on('end', () => {
    const [, events, gapMs] = /"user":"(\d+)x(\d+)"/.exec(text)!
    void stream(response, Number(events), Number(gapMs))
  })
})

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const urls: Urls = {
  whole: await listen(createServer(answerWhole(0))),
  later: await listen(createServer(answerWhole(20))),
  streams: await listen(streams),
}
process.send!(urls)
