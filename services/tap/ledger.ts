import { LedgerEntry } from '../../shared/contracts/ledger.ts'
import { type LogRecord } from '../../shared/log/topic-log.ts'
import { encodeMessage } from '../../shared/log/messages.ts'
import { deterministicUuid, uuidv7 } from '../../shared/ids.ts'

export type LedgerOutcome = LedgerEntry['outcome']
/** Which exchanges a count is about. `hourMs`: start of the hour they arrived in. */
export type LedgerKey = { hourMs: number; upstream: string; route: string }
export type Totals = Record<LedgerOutcome, number> & { pending: number; droppedByReason: Record<string, number> }

/** A `LedgerKey` as text, to count by. */
export type LedgerGroup = string
export type Counts = Record<LedgerGroup, number>

type Line = LedgerKey & { outcome: LedgerOutcome; reason: string | null; count: number }

/** Everything a ledger knows, as plain data: for the disk, and for another thread. */
export type LedgerState = {
  /** New with every state, so that what is taken over twice gets the same entry ids twice. */
  stateId: string
  lines: Line[]
  unconfirmed: LedgerEntry[]
  /** Exchanges that were served and have no outcome yet. */
  open: Counts
  totals: Omit<Totals, 'pending'>
}

export type Ledger = {
  count(key: LedgerKey, outcome: LedgerOutcome, reason?: string, times?: number): void
  /** Everything since the start: served = sampled_out + opted_out + unsupported + dropped + published + pending. */
  totals(): Totals
  /** Publishes what was counted since the last time. What could not be published is kept and tried again. */
  flush(): Promise<void>
  /** Changes whenever `state` would. */
  version(): number
  state(): LedgerState
  /**
   * Goes on where another ledger ended. `sameRun`: its totals were this run's; otherwise only what it left open is this
   * run's affair, and counts as served here.
   */
  takeOver(state: LedgerState, options: { sameRun: boolean }): void
  /** Exchanges of another run that were counted as served there and have no outcome yet. */
  inherit(open: Counts): void
}

export type LedgerOptions = {
  stage?: LedgerEntry['stage']
  /** Called when ids were given out, before their entries leave: an id must never stand for two counts. */
  save?: () => void
}

export function startOfHourMs(timeMs: number): number {
  return timeMs - (timeMs % 3_600_000)
}

export function groupOf({ hourMs, upstream, route }: LedgerKey): LedgerGroup {
  return JSON.stringify([hourMs, upstream, route])
}

export function keyOf(group: LedgerGroup): LedgerKey {
  const [hourMs, upstream, route] = JSON.parse(group) as [number, string, string]
  return { hourMs, upstream, route }
}

export function addTo(counts: Counts, group: LedgerGroup, times: number): void {
  counts[group] = (counts[group] ?? 0) + times
  if (counts[group] === 0) delete counts[group]
}

export function createLedger(
  publish: (records: LogRecord[]) => Promise<void>,
  { stage = 'tap', save = () => {} }: LedgerOptions = {},
): Ledger {
  const totals = emptyTotals()
  const open: Counts = Object.create(null) as Counts
  let lines = new Map<string, Line>()
  /** Tried and not acknowledged. Sent again as they are: if they did arrive, the same ids are counted once. */
  let unconfirmed: LedgerEntry[] = []
  let flushing: Promise<void> | null = null
  let version = 0

  async function flush(): Promise<void> {
    while (unconfirmed.length > 0 || lines.size > 0) {
      if (unconfirmed.length === 0) takeLines()
      const sent = unconfirmed
      await publish(sent.map((entry) => ({ key: entry.upstream, value: encodeMessage(LedgerEntry, entry) })))
      unconfirmed = unconfirmed.filter((entry) => !sent.includes(entry))
      version += 1
    }
  }

  function takeLines(): void {
    unconfirmed = [...lines.values()].map((line) => entryOf(stage, line, uuidv7()))
    lines = new Map()
    version += 1
    save()
  }

  function addLine(group: LedgerGroup, line: Line): void {
    // A group is JSON, which tells where it ends.
    const id = `${group}${line.outcome} ${line.reason ?? ''}`
    const known = lines.get(id)
    if (known === undefined) lines.set(id, line)
    else known.count += line.count
  }

  function inherit(counts: Counts): void {
    for (const [group, times] of Object.entries(counts)) addTo(open, group, times)
    totals.served += sumOf(counts)
    version += 1
  }

  return {
    count({ hourMs, upstream, route }, outcome, reason, times = 1) {
      const key = { hourMs, upstream, route }
      const group = groupOf(key)
      addTo(open, group, outcome === 'served' ? times : -times)
      totals[outcome] += times
      if (outcome === 'dropped') addTo(totals.droppedByReason, reason ?? '', times)
      addLine(group, { ...key, outcome, reason: reason ?? null, count: times })
      version += 1
    },
    totals: () => ({
      ...totals,
      droppedByReason: { ...totals.droppedByReason },
      pending: sumOf(open),
    }),
    flush() {
      flushing ??= flush().finally(() => (flushing = null))
      return flushing
    },
    version: () => version,
    state: () =>
      structuredClone({ stateId: uuidv7(), lines: [...lines.values()], unconfirmed, open: { ...open }, totals }),
    takeOver(state, { sameRun }) {
      const left = state.lines.map((line, index) => entryOf(stage, line, idOf(state.stateId, index)))
      unconfirmed = [...unconfirmed, ...state.unconfirmed, ...left]
      inherit(state.open)
      if (sameRun) {
        addTotals(totals, state.totals)
        totals.served -= sumOf(state.open)
      }
    },
    inherit,
  }
}

function sumOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, times) => sum + times, 0)
}

function idOf(stateId: string, index: number): string {
  return deterministicUuid('ledger', stateId, String(index))
}

function entryOf(stage: LedgerEntry['stage'], line: Line, entryId: string): LedgerEntry {
  const { hourMs, upstream, route, outcome, reason, count } = line
  return { version: 1, entryId, hour: new Date(hourMs).toISOString(), stage, upstream, route, outcome, reason, count }
}

function emptyTotals(): Omit<Totals, 'pending'> {
  return {
    served: 0,
    sampled_out: 0,
    opted_out: 0,
    unsupported: 0,
    dropped: 0,
    published: 0,
    droppedByReason: {},
  }
}

function addTotals(totals: Omit<Totals, 'pending'>, { droppedByReason, ...counts }: Omit<Totals, 'pending'>): void {
  for (const [outcome, times] of Object.entries(counts)) totals[outcome as LedgerOutcome] += times
  for (const [reason, times] of Object.entries(droppedByReason)) addTo(totals.droppedByReason, reason, times)
}
