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
  open: number
  /** Pairs of a conversation that went on after it had been counted: a unit enters once and never changes. */
  late: number
}

type Conversation = { pairs: Pair[]; lastMs: number; over: boolean }

/**
 * Conversations, the independent units of every statistic. `pairs` in the order of their capture. `trafficEnded`: no
 * more exchanges will come, so every conversation is closed.
 */
export function unitsOf(pairs: readonly Pair[], asOf: Date, trafficEnded: boolean): Units {
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
  const closed = [...conversations.values()].filter(isClosed)
  return {
    inPastHours: new Set(trafficEnded ? pairs : pairs.filter((pair) => hourEndMs(pair) + idleMs <= asOf.getTime())),
    counted: new Set(closed.flatMap((conversation) => conversation.pairs)),
    closed: closed.length,
    open: conversations.size - closed.length,
    late,
  }
}

const hourEndMs = ({ row }: Pair) => (Math.floor(row.capturedAtMs / hourMs) + 1) * hourMs
