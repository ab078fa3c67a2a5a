import { type Socket } from 'node:net'
import { type WireEnd } from '../../shared/contracts/exchange.ts'
import { type AnswerHead } from './answer-head.ts'
import { AnswerRelay } from './answer-relay.ts'
import { type Call } from './call.ts'
import { type RawHeaders } from './headers.ts'
import { type Passage } from './passage.ts'

/**
 * Where the upstream takes up WebSocket, bytes pass both ways as they are. Where it does not, its answer passes like any
 * other and the connection ends: bytes that pass unread must never reach an upstream that still reads requests in them.
 */
export class UpgradeRelay extends AnswerRelay {
  readonly #passage: Passage
  readonly #early: Buffer
  #call: Call | null = null

  constructor(passage: Passage, early: Buffer) {
    super(passage)
    this.#passage = passage
    this.#early = early
  }

  override follow(call: Call): void {
    super.follow(call)
    this.#call = call
    const { socket } = this.#passage.response
    // Nobody would hear of this end once the bytes pass unread.
    socket?.once('end', () => !call.isOver && socket.destroy())
  }

  override switched(head: AnswerHead, rest: Buffer): void {
    const { response, watcher } = this.#passage
    const client = response.socket
    const upstream = this.#call?.release() ?? null
    // Who has left in the meantime has been seen to.
    if (client === null || upstream === null) return void upstream?.destroy()
    watcher.answerHead(head.status, head.headers)
    response.detachSocket(client)
    client.write(wireHead(head), 'latin1')
    client.write(rest)
    upstream.write(this.#early)
    join(client, upstream, (end) => watcher.end(end))
  }
}

function wireHead({ status, reason, headers }: AnswerHead): string {
  return `HTTP/1.1 ${status} ${reason}\r\n${linesOf(headers)}\r\n`
}

function linesOf(headers: RawHeaders): string {
  let lines = ''
  for (let i = 0; i + 1 < headers.length; i += 2) lines += `${headers[i]}: ${headers[i + 1]}\r\n`
  return lines
}

/** Each side's end is the other's, one way at a time; a side that breaks off takes the other with it. */
function join(client: Socket, upstream: Socket, ended: (end: WireEnd) => void): void {
  let end: WireEnd = 'complete'
  let open = 2
  const follow = (side: Socket, other: Socket, aborted: WireEnd) => {
    side.pipe(other)
    side.on('error', () => {})
    side.on('close', () => {
      if (!side.readableEnded || !side.writableFinished) {
        if (open === 2) end = aborted
        other.destroy()
      }
      open -= 1
      if (open === 0) ended(end)
    })
  }
  follow(client, upstream, 'client_aborted')
  follow(upstream, client, 'upstream_aborted')
}
