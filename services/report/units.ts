import { type Pair } from './pairs.ts'

/** A conversation is closed when nothing was captured for so long. */
export const idleMs = 30 * 60_000

export type Units = {
  /** The pairs that count: those of closed conversations, up to their first silence. */
  counted: ReadonlySet<Pair>
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
    counted: new Set(closed.flatMap((conversation) => conversation.pairs)),
    closed: closed.length,
    open: conversations.size - closed.length,
    late,
  }
}
