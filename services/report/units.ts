import { type GateResult } from '../../shared/contracts/verdict.ts'
import { type Pair } from './pairs.ts'

/** A conversation is closed when nothing was captured for so long. */
export const idleMs = 30 * 60_000

export const hourMs = 3_600_000

export type Unit = GateResult['unit']

/** What a pair is a part of. */
export function unitOf({ row }: Pair, unit: Unit): string | number {
  return unit === 'hour' ? Math.floor(row.capturedAtMs / hourMs) : row.conversationId
}

export type Units = {
  /** The pairs that count: those of closed conversations, up to their first silence. */
  counted: ReadonlySet<Pair>
  /** The pairs that count where the hour is the unit: those of hours that are over, and as long again as a conversation. */
  inPastHours: ReadonlySet<Pair>
  closed: number
  /** As many conversations count as may: what closes later does not. */
  isFull: boolean
  open: number
  /** Pairs of a conversation that went on after it had been counted: a unit enters once and never changes. */
  late: number
  /** When the last that counts fell silent; null while more may. */
  endMs: number | null
  /** Closed conversations, those included that do not count. */
  silent: readonly string[]
  /** Pairs of conversations that are still open. */
  openPairs: readonly Pair[]
}

type Conversation = { pairs: Pair[]; lastMs: number; over: boolean }

/** What was counted before, and its conversations. */
export type Counted = {
  /** Rows captured before it have been looked at. */
  untilMs: number
  /** Hours that end by then have been counted. */
  hoursUntilMs: number
  closed: number
  /** Where as many conversations count as may: the last to fall silent did so then. */
  endMs: number | null
  isClosed: (conversationId: string) => boolean
}

const nothingCounted: Counted = {
  untilMs: -Infinity,
  hoursUntilMs: -Infinity,
  closed: 0,
  endMs: null,
  isClosed: () => false,
}

/**
 * Conversations, the independent units of every statistic. `pairs` in the order of their capture. `trafficEnded`: no
 * more exchanges will come, so every conversation is closed. `maxUnits`: only the first to fall silent count. After what was
 * counted `before`, `pairs` are those since then, all of the conversations that were still open, and of the hours that were;
 * what is told is of these alone.
 */
export function unitsOf(
  pairs: readonly Pair[],
  asOf: Date,
  trafficEnded: boolean,
  maxUnits = Infinity,
  before = nothingCounted,
): Units {
  const conversations = new Map<string, Conversation>()
  let late = 0
  for (const pair of pairs) {
    const { conversationId, capturedAtMs } = pair.row
    const conversation = conversations.get(conversationId)
    if (conversation === undefined) {
      if (before.isClosed(conversationId)) {
        if (capturedAtMs >= before.untilMs) late += 1
        continue
      }
      conversations.set(conversationId, { pairs: [pair], lastMs: capturedAtMs, over: false })
      continue
    }
    conversation.over ||= capturedAtMs - conversation.lastMs >= idleMs
    if (conversation.over) {
      late += 1
      continue
    }
    conversation.pairs.push(pair)
    conversation.lastMs = capturedAtMs
  }
  const isClosed = ({ over, lastMs }: Conversation) => over || trafficEnded || asOf.getTime() - lastMs >= idleMs
  const silent = [...conversations.values()].filter(isClosed)
  const left = Math.max(0, maxUnits - before.closed)
  const closed = silent.length <= left ? silent : silent.toSorted(bySilence).slice(0, left)
  const isFull = closed.length >= left
  const lastSilence = () => closed.reduce((last, { lastMs }) => Math.max(last, lastMs), 0)
  const endMs = before.endMs ?? (isFull ? lastSilence() : null)
  const isPast = (pair: Pair) => trafficEnded || hourEndMs(pair) + idleMs <= asOf.getTime()
  const isNew = (pair: Pair) => hourEndMs(pair) > before.hoursUntilMs
  return {
    inPastHours: new Set(pairs.filter((pair) => isNew(pair) && isPast(pair) && hourEndMs(pair) <= (endMs ?? Infinity))),
    counted: new Set(closed.flatMap((conversation) => conversation.pairs)),
    closed: closed.length,
    isFull,
    open: conversations.size - silent.length,
    late,
    endMs,
    silent: silent.map((conversation) => conversation.pairs[0]!.row.conversationId),
    openPairs: conversations
      .values()
      .filter((conversation) => !isClosed(conversation))
      .flatMap((conversation) => conversation.pairs)
      .toArray(),
  }
}

const hourEndMs = ({ row }: Pair) => (Math.floor(row.capturedAtMs / hourMs) + 1) * hourMs

/** Whatever falls silent later comes later: what has been counted stays counted. */
const bySilence = (a: Conversation, b: Conversation) =>
  a.lastMs - b.lastMs || (a.pairs[0]!.row.conversationId < b.pairs[0]!.row.conversationId ? -1 : 1)
