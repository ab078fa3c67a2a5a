// A provider in a process of its own: answers at once, or streams as many events, so far apart, as the body's `user` says.
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { chatChunks, chatCompletion } from '../../services/replay/pretend-provider.ts'

const whole = JSON.stringify(chatCompletion('The sky is blue on most days.'))
const wholeHead = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(whole)) }

async function stream(response: ServerResponse, events: number, gapMs: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const words = Array.from({ length: events - 3 }, (_, nth) => `word${nth} `)
  for (const event of chatChunks(words)) {
    response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
    await sleep(gapMs)
  }
  response.end()
}

const server = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8')
  request.on('data', (piece: string) => (text += piece))
  request.on('end', () => {
    const wish = /"user":"(\d+)x(\d+)"/.exec(text)
    if (wish === null) response.writeHead(200, wholeHead).end(whole)
    else void stream(response, Number(wish[1]), Number(wish[2]))
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send!(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
