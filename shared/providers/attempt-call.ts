import { type Dialect } from '../contracts/exchange.ts'
import { UnderstudyError } from '../errors.ts'
import { type Call, type Reply, type ReplyEnd } from './adapter.ts'
import { onAbort } from './on-abort.ts'
import { createReceiver } from './receive.ts'
import { type RequestHead } from './request-head.ts'
import { isAddressRefused, type Transport } from './transport.ts'

/** One attempt, read from the wire, with the call's deadline over all of it. */
export function attemptCall(transport: Transport, dialect: Dialect, call: Call, head: RequestHead): Promise<Reply> {
  return new Promise((resolve, reject) => {
    if (call.signal.aborted) return reject(brokenOff())
    const receiver = createReceiver(dialect)
    // The first that happens is how it ended: to break the connection off is an error on the wire, too.
    let isOver = false
    const end = (settle: () => void): void => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      leave()
      settle()
    }
    const finish = (how: ReplyEnd): void => end(() => resolve(receiver.end(how)))
    const timer = setTimeout(() => {
      finish('timeout')
      sending.abort()
    }, call.timeoutMs)
    const stop = (): void => {
      end(() => reject(brokenOff()))
      sending.abort()
    }
    const leave = onAbort(call.signal, stop)
    const sending = transport.send(head, call.body, {
      ...receiver,
      onEnd: () => receiver.whenRead((isWhole) => finish(isWhole ? 'complete' : 'broken')),
      onError: (err) => receiver.whenRead(() => finish(endOf(err, receiver.hasHead()))),
    })
  })
}

function endOf(err: NodeJS.ErrnoException, hasHead: boolean): ReplyEnd {
  if (isAddressRefused(err)) return 'address_refused'
  return hasHead ? 'broken' : 'unreachable'
}

/** A call broken off because we stop says nothing about the provider. */
function brokenOff(): UnderstudyError {
  return new UnderstudyError('STAGE_STOPPING', 'The stage is stopping; the call was broken off.')
}
