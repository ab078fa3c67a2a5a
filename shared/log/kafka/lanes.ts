import { setImmediate as nextTurn } from 'node:timers/promises'
import { recordBytes } from '../record-size.ts'
import { type LogRecord } from '../topic-log.ts'

type Send = (topicName: string, records: LogRecord[]) => Promise<void>
type Part = {
  records: LogRecord[]
  bytes: number
  deadlineMs: number
  isOver: boolean
  settle: PromiseWithResolvers<void>
}
type Lane = { waiting: Part[]; underWay: Part[]; timer: NodeJS.Timeout; wakesAtMs: number }

export type LanesOptions = {
  send: Send
  maxBytes: number
  /** What whoever waited until the deadline is told. */
  late: () => Error
}

/**
 * One send a topic at a time, of all that came in a turn of the event loop; what comes meanwhile goes with the next one, all together.
 * So one record alone waits for no timer, and many at once cost the broker and this process few requests. A send that fails is tried again for each part by itself:
 * each is told what became of its own records. At `deadlineMs`, of `performance.now()`, a part is given up: it is not sent any more, and a late
 * end of its send is ignored.
 */
export function createLanes({
  send,
  maxBytes,
  late,
}: LanesOptions): (topicName: string, records: LogRecord[], deadlineMs: number) => Promise<void> {
  const lanes = new Map<string, Lane>()

  async function run(topicName: string, lane: Lane): Promise<void> {
    await nextTurn()
    while (lane.waiting.length > 0) {
      lane.underWay = takeOff(lane.waiting, maxBytes)
      await sendTogether(topicName, lane.underWay)
    }
    clearTimeout(lane.timer)
    lanes.delete(topicName)
  }

  async function sendTogether(topicName: string, parts: Part[]): Promise<void> {
    const wanted = parts.filter(({ isOver }) => !isOver)
    if (wanted.length === 0) return
    try {
      await send(
        topicName,
        wanted.flatMap(({ records }) => records),
      )
      for (const part of wanted) end(part)
    } catch (err) {
      if (wanted.length === 1) end(wanted[0]!, err)
      else for (const part of wanted) await sendTogether(topicName, [part])
    }
  }

  function end(part: Part, err?: unknown): void {
    part.isOver = true
    if (err === undefined) part.settle.resolve()
    else part.settle.reject(err)
  }

  /** One timer for all: a part seldom comes to its deadline. */
  function wakeBy(lane: Lane, deadlineMs: number): void {
    if (deadlineMs >= lane.wakesAtMs) return
    clearTimeout(lane.timer)
    lane.wakesAtMs = deadlineMs
    lane.timer = setTimeout(() => giveUp(lane), Math.max(1, Math.ceil(deadlineMs - performance.now())))
  }

  function giveUp(lane: Lane): void {
    lane.wakesAtMs = Infinity
    for (const part of [...lane.underWay, ...lane.waiting]) {
      if (part.isOver) continue
      if (part.deadlineMs <= performance.now()) end(part, late())
      else wakeBy(lane, part.deadlineMs)
    }
  }

  function open(topicName: string): Lane {
    const lane: Lane = { waiting: [], underWay: [], timer: undefined as never, wakesAtMs: Infinity }
    lanes.set(topicName, lane)
    void run(topicName, lane)
    return lane
  }

  return (topicName, records, deadlineMs) => {
    const settle = Promise.withResolvers<void>()
    const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0)
    const lane = lanes.get(topicName) ?? open(topicName)
    lane.waiting.push({ records, bytes, deadlineMs, isOver: false, settle })
    wakeBy(lane, deadlineMs)
    return settle.promise
  }
}

/** The first, and those after it as long as there is room. */
function takeOff(waiting: Part[], maxBytes: number): Part[] {
  let [count, bytes] = [0, 0]
  for (const each of waiting) {
    bytes += each.bytes
    if (count > 0 && bytes > maxBytes) break
    count += 1
  }
  return waiting.splice(0, count)
}
