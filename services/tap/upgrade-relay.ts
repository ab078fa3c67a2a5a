import { type Socket } from 'node:net'
import { type WireEnd } from '../../shared/contracts/exchange.ts'
import { type AnswerHead } from './answer-head.ts'
import { type RawHeaders } from './headers.ts'
import { Relay } from './relay.ts'

/** Where the upstream takes up WebSocket, bytes pass both ways as they are. Where it does not, its answer is the last one. */
export class UpgradeRelay extends Relay {
  override switched(head: AnswerHead, rest: Buffer): void {
    const { inbound, watcher } = this.passage
    const upstream = this.call?.release() ?? null
    const client = inbound.takeOver()
    // Who has left in the meantime has been seen to.
    if (client === null || upstream === null) return void upstream?.destroy()
    watcher.answerHead(head.status, head.headers)
    client.socket.write(wireHead(head), 'latin1')
    client.socket.write(rest)
    upstream.write(client.early)
    join(client.socket, upstream, (end) => watcher.end(end))
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
