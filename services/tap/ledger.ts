import { LedgerEntry } from '../../shared/contracts/ledger.ts'
import { type LogRecord } from '../../shared/log/topic-log.ts'
import { encodeMessage } from '../../shared/log/messages.ts'
import { uuidv7 } from '../../shared/ids.ts'

export type LedgerOutcome = LedgerEntry['outcome']
/** Which exchanges a count is about. `hourMs`: start of the hour they arrived in. */
export type LedgerKey = { hourMs: number; upstream: string; route: string }
export type Totals = Record<LedgerOutcome, number> & { pending: number; droppedByReason: Record<string, number> }

export type Ledger = {
  count(key: LedgerKey, outcome: LedgerOutcome, reason?: string): void
  /** Everything since the start: served = sampled_out + opted_out + unsupported + dropped + published + pending. */
  totals(): Totals
  /** Publishes what was counted since the last time. What could not be published is kept and tried again. */
  flush(): Promise<void>
}

type Line = LedgerKey & { outcome: LedgerOutcome; reason: string | null; count: number }

export function startOfHourMs(timeMs: number): number {
  return timeMs - (timeMs % 3_600_000)
}

export function createLedger(
  publish: (records: LogRecord[]) => Promise<void>,
  stage: LedgerEntry['stage'] = 'tap',
): Ledger {
  const totals = new Map<LedgerOutcome, number>()
  const droppedByReason = new Map<string, number>()
  let lines = new Map<string, Line>()
  /** Tried and not acknowledged. Sent again as they are: if they did arrive, the same ids are counted once. */
  let unconfirmed: LedgerEntry[] = []
  let flushing: Promise<void> | null = null

  async function flush(): Promise<void> {
    while (unconfirmed.length > 0 || lines.size > 0) {
      if (unconfirmed.length === 0) unconfirmed = takeLines()
      await publish(unconfirmed.map((entry) => ({ key: entry.upstream, value: encodeMessage(LedgerEntry, entry) })))
      unconfirmed = []
    }
  }

  function takeLines(): LedgerEntry[] {
    const entries = [...lines.values()].map((line) => entryOf(stage, line))
    lines = new Map()
    return entries
  }

  return {
    count(key, outcome, reason) {
      totals.set(outcome, (totals.get(outcome) ?? 0) + 1)
      if (outcome === 'dropped') droppedByReason.set(reason ?? '', (droppedByReason.get(reason ?? '') ?? 0) + 1)
      const id = JSON.stringify([key.hourMs, key.upstream, key.route, outcome, reason])
      const line = lines.get(id)
      if (line === undefined) lines.set(id, { ...key, outcome, reason: reason ?? null, count: 1 })
      else line.count += 1
    },
    totals: () => totalsOf(totals, droppedByReason),
    flush() {
      flushing ??= flush().finally(() => (flushing = null))
      return flushing
    },
  }
}

function entryOf(stage: LedgerEntry['stage'], { hourMs, upstream, route, outcome, reason, count }: Line): LedgerEntry {
  const hour = new Date(hourMs).toISOString()
  return { version: 1, entryId: uuidv7(), hour, stage, upstream, route, outcome, reason, count }
}

function totalsOf(counts: Map<LedgerOutcome, number>, droppedByReason: Map<string, number>): Totals {
  const of = (outcome: LedgerOutcome) => counts.get(outcome) ?? 0
  const done = of('sampled_out') + of('opted_out') + of('unsupported') + of('dropped') + of('published')
  return {
    served: of('served'),
    sampled_out: of('sampled_out'),
    opted_out: of('opted_out'),
    unsupported: of('unsupported'),
    dropped: of('dropped'),
    published: of('published'),
    pending: of('served') - done,
    droppedByReason: Object.fromEntries(droppedByReason),
  }
}
