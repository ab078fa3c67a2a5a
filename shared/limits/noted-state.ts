import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { errorCode } from '../errors.ts'
import { uuidv7 } from '../ids.ts'
import { type Delivery, type LogRecord, type stateTopics, type TopicLog } from '../log/topic-log.ts'
import { type Logger } from '../logger.ts'
import { dayOf, openLocalState } from './local-state.ts'
import { type Held, type LimitsState } from './limits-state.ts'

/** What a worker tells the others. The last of each key counts. */
const Note = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('worker'),
    worker: z.string(),
    hasLeft: z.boolean(),
    day: z.string(),
    /** By arm: what the worker may have spent by the time it is killed. */
    reachUsd: z.record(z.string(), z.number()),
  }),
  z.object({ kind: z.literal('pause'), arm: z.string(), isPaused: z.boolean() }),
  z.object({
    kind: z.literal('hold'),
    held: z.union([z.strictObject({ arm: z.string() }), z.strictObject({ provider: z.string() })]),
    untilMs: z.number(),
  }),
  /** The observations of the record at this place are in the log. */
  z.object({ kind: z.literal('done'), partition: z.int(), offset: z.string(), exchangeId: z.string() }),
])
type Note = z.infer<typeof Note>
type WorkerNote = Extract<Note, { kind: 'worker' }> & { heardAtMs: number }

export type NotedStateOptions = {
  log: TopicLog
  logger: Logger
  /** Of the stage whose workers these are. */
  topic?: (typeof stateTopics)[number]
  heartbeatMs?: number
  /** A worker that says nothing for so long has no share any more; what it may have spent stays counted. */
  silenceMs?: number
}

/** More than lie between a partition's committed offset and its last observation; keys of the topic come again after so many. */
const doneKeys = 1024n

/** Reserved ahead in steps of a twentieth, so that not every call waits for the log. */
const stepFactor = 1.05

/**
 * For workers on several machines: each has its share of every limit, and says on a topic how far its spending may go
 * before it goes there. Two that say so at the same moment may together pass a budget by a step of one of them. What is
 * done is told too, so that whoever takes over from one that was killed asks again only for what was in hand.
 */
export async function openNotedState(options: NotedStateOptions): Promise<LimitsState> {
  const { log, logger, topic = 'replay-state', heartbeatMs = 5_000, silenceMs = 20_000 } = options
  const worker = uuidv7()
  const others = new Map<string, WorkerNote>()
  const own = { day: '', wantedUsd: new Map<string, number>(), noted: new Map<string, number>() }
  let hasLeft = false
  let isPublishing = false

  const living = (): number => {
    const sinceMs = Date.now() - silenceMs
    return [...others.values()].filter((other) => !other.hasLeft && other.heardAtMs >= sinceMs).length
  }

  const local = openLocalState({
    file: ':memory:',
    elsewhere: {
      workers: () => 1 + living(),
      spentUsd: (arm, day) =>
        [...others.values()].reduce((sum, other) => sum + (other.day === day ? (other.reachUsd[arm] ?? 0) : 0), 0),
      mayReach(arm, day, totalUsd) {
        startDay(day)
        if (totalUsd <= (own.noted.get(arm) ?? 0)) return true
        own.wantedUsd.set(arm, Math.max(totalUsd * stepFactor, own.wantedUsd.get(arm) ?? 0))
        void noteReach()
        return false
      },
    },
  })

  function startDay(day: string): void {
    if (day === own.day) return
    own.day = day
    own.wantedUsd.clear()
    own.noted.clear()
  }

  const publish = (key: string, note: Note): Promise<void> => log.publish(topic, [recordOf(key, note)])

  /** Also the sign of life. Told first, spent afterwards. */
  async function noteReach(): Promise<void> {
    if (isPublishing) return
    isPublishing = true
    startDay(dayOf(Date.now()))
    const { day } = own
    const reach = new Map(own.wantedUsd)
    try {
      await publish(`worker/${worker}`, { kind: 'worker', worker, hasLeft, day, reachUsd: Object.fromEntries(reach) })
      if (day === own.day) for (const [arm, usd] of reach) own.noted.set(arm, usd)
    } catch (err) {
      logger.warn({ code: errorCode(err) }, 'the other workers of the stage could not be told what this one may spend')
    } finally {
      isPublishing = false
    }
  }

  function untold(err: unknown): void {
    logger.warn({ code: errorCode(err) }, 'the other workers of the stage could not be told to wait')
  }

  function tellHold(held: Held, waitMs: number): void {
    const [[kind, name]] = Object.entries(held) as [[string, string]]
    publish(`hold/${kind}/${name}`, { kind: 'hold', held, untilMs: Date.now() + waitMs }).catch(untold)
  }

  const heardOwn = Promise.withResolvers<void>()

  function hear({ value }: Delivery): void {
    const note = Note.parse(JSON.parse(value.toString()))
    if (note.kind === 'worker' && note.worker === worker) heardOwn.resolve()
    if (note.kind === 'pause') local.setPaused(note.arm, note.isPaused)
    if (note.kind === 'hold') local.hold(note.held, note.untilMs - Date.now())
    if (note.kind === 'done') void local.markDone(note, note.exchangeId)
    if (note.kind === 'worker' && note.worker !== worker) {
      others.set(note.worker, { ...note, heardAtMs: Date.now() })
    }
  }

  const group = `${topic}-${worker}`
  const consumer = await log.consume({
    topics: [topic],
    group,
    maxBatch: 500,
    handle: (batch) => {
      for (const delivery of batch) hear(delivery)
      return Promise.resolve()
    },
    onFatal: (err) => {
      logger.fatal({ err }, 'this worker can no longer hear the others of its stage: the process ends')
      process.exit(1)
    },
  })
  // What was spent before this start must be known before the first call: all that lies before a note of our own. The end of
  // the topic would never be reached while others write to it.
  let hasHeard = false
  while (!hasHeard) {
    await noteReach()
    hasHeard = await Promise.race([heardOwn.promise.then(() => true), sleep(heartbeatMs, false)])
  }
  const timer = setInterval(() => void noteReach(), heartbeatMs)
  timer.unref()

  return {
    ...local,
    hold(held, waitMs) {
      local.hold(held, waitMs)
      tellHold(held, waitMs)
    },
    note(provider, end) {
      const pauseMs = local.note(provider, end)
      if (pauseMs !== null) tellHold({ provider }, pauseMs)
      return pauseMs
    },
    async markDone({ partition, offset }, exchangeId) {
      await local.markDone({ partition, offset }, exchangeId)
      const note: Note = { kind: 'done', partition, offset, exchangeId }
      await publish(`done/${partition}/${BigInt(offset) % doneKeys}`, note)
    },
    setPaused(arm, isPaused) {
      local.setPaused(arm, isPaused)
      log.publish(topic, [pauseRecord(arm, isPaused)]).catch(untold)
    },
    async close() {
      clearInterval(timer)
      hasLeft = true
      await noteReach()
      await consumer.stop()
      await local.close()
    },
  }
}

/** What the workers of replay have told one another, for someone who is none of them. Spending is what they may reach. */
export async function readNotes(log: TopicLog): Promise<Pick<LimitsState, 'absenceOf' | 'spentUsd'>> {
  const notes = new Map<string, Note & { sinceMs: number }>()
  const group = `replay-state-${uuidv7()}`
  const startedAtMs = Date.now()
  let isUpToDate = false
  const consumer = await log.consume({
    topics: ['replay-state'],
    group,
    maxBatch: 500,
    handle: (batch) => {
      for (const { key, value, publishedAtMs: sinceMs } of batch) {
        notes.set(key, { ...Note.parse(JSON.parse(value.toString())), sinceMs })
        // Workers may be writing all the time, so that the end is never reached.
        if (sinceMs >= startedAtMs) isUpToDate = true
      }
      return Promise.resolve()
    },
    onFatal: (err) => {
      throw err
    },
  })
  while (!isUpToDate && (await log.lag(group, 'replay-state')) > 0) await sleep(100)
  await consumer.stop()
  return {
    absenceOf(arm, provider) {
      const pause = notes.get(`pause/${arm}`)
      if (pause?.kind === 'pause' && pause.isPaused) return { because: 'paused', sinceMs: pause.sinceMs }
      const hold = notes.get(`hold/provider/${provider}`)
      const isHeld = hold?.kind === 'hold' && hold.untilMs > Date.now()
      return isHeld ? { because: 'breaker_open', sinceMs: hold.sinceMs } : null
    },
    spentUsd(arm) {
      const today = dayOf(Date.now())
      const ofToday = [...notes.values()].flatMap((note) =>
        note.kind === 'worker' && note.day === today ? [note] : [],
      )
      return ofToday.reduce((sum, { reachUsd }) => sum + (reachUsd[arm] ?? 0), 0)
    },
  }
}

/** Tells every worker. */
export function pauseRecord(arm: string, isPaused: boolean): LogRecord {
  return recordOf(`pause/${arm}`, { kind: 'pause', arm, isPaused })
}

function recordOf(key: string, note: Note): LogRecord {
  return { key, value: JSON.stringify(note) }
}
