import { recordBytes } from '../record-size.ts'
import { type LogRecord } from '../topic-log.ts'

type Send = (topicName: string, records: LogRecord[]) => Promise<void>
type Waiting = { records: LogRecord[]; bytes: number; signal: AbortSignal; settle: PromiseWithResolvers<void> }

/**
 * One send a topic at a time, of all that came in a turn of the event loop; what comes meanwhile goes with the next one, all together.
 * So one record alone waits for no timer, and many at once cost the broker and this process few requests. A send that fails is tried again for each part by itself:
 * each is told what became of its own records. `signal`: whoever has given up before the turn of its records does not send them.
 */
export function createLanes(
  send: Send,
  maxBytes: number,
): (...send: [...Parameters<Send>, AbortSignal]) => Promise<void> {
  const lanes = new Map<string, Waiting[]>()

  async function run(topicName: string, waiting: Waiting[]): Promise<void> {
    await nextTurn()
    while (waiting.length > 0) await sendTogether(topicName, takeOff(waiting, maxBytes))
    lanes.delete(topicName)
  }

  async function sendTogether(topicName: string, parts: Waiting[]): Promise<void> {
    const wanted = parts.filter(({ signal }) => !signal.aborted)
    if (wanted.length === 0) return
    try {
      await send(
        topicName,
        wanted.flatMap(({ records }) => records),
      )
      for (const { settle } of wanted) settle.resolve()
    } catch (err) {
      if (wanted.length === 1) wanted[0]!.settle.reject(err)
      else for (const part of wanted) await sendTogether(topicName, [part])
    }
  }

  return (topicName, records, signal) => {
    const settle = Promise.withResolvers<void>()
    const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0)
    const known = lanes.get(topicName)
    const waiting = known ?? []
    waiting.push({ records, bytes, signal, settle })
    if (known === undefined) {
      lanes.set(topicName, waiting)
      void run(topicName, waiting)
    }
    return settle.promise
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** The first, and those after it as long as there is room. */
function takeOff(waiting: Waiting[], maxBytes: number): Waiting[] {
  let [count, bytes] = [0, 0]
  for (const each of waiting) {
    bytes += each.bytes
    if (count > 0 && bytes > maxBytes) break
    count += 1
  }
  return waiting.splice(0, count)
}
