import { type GateResult } from '../../shared/contracts/verdict.ts'
import { type Pair } from './pairs.ts'

/** A conversation is closed when nothing was captured for so long. */
export const idleMs = 30 * 60_000

const hourMs = 3_600_000

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
}

type Conversation = { pairs: Pair[]; lastMs: number; over: boolean }

/**
 * Conversations, the independent units of every statistic. `pairs` in the order of their capture. `trafficEnded`: no
 * more exchanges will come, so every conversation is closed. `maxUnits`: only the first to fall silent count.
 */
export function unitsOf(pairs: readonly Pair[], asOf: Date, trafficEnded: boolean, maxUnits = Infinity): Units {
  const conversations = new Map<string, Conversation>()
  let late = 0
  for (const pair of pairs) {
    const { conversationId, capturedAtMs } = pair.row
    const conversation = conversations.get(conversationId)
    if (conversation === undefined) {
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
  const closed = silent.length <= maxUnits ? silent : silent.toSorted(bySilence).slice(0, maxUnits)
  const isFull = closed.length >= maxUnits
  const endMs = isFull ? closed.reduce((last, { lastMs }) => Math.max(last, lastMs), 0) : Infinity
  const isPast = (pair: Pair) => trafficEnded || hourEndMs(pair) + idleMs <= asOf.getTime()
  return {
    inPastHours: new Set(pairs.filter((pair) => isPast(pair) && hourEndMs(pair) <= endMs)),
    counted: new Set(closed.flatMap((conversation) => conversation.pairs)),
    closed: closed.length,
    isFull,
    open: conversations.size - silent.length,
    late,
  }
}

const hourEndMs = ({ row }: Pair) => (Math.floor(row.capturedAtMs / hourMs) + 1) * hourMs

/** Whatever falls silent later comes later: what has been counted stays counted. */
const bySilence = (a: Conversation, b: Conversation) =>
  a.lastMs - b.lastMs || (a.pairs[0]!.row.conversationId < b.pairs[0]!.row.conversationId ? -1 : 1)
