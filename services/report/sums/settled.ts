import { type Arm } from '../../../shared/config/arms.ts'
import { type GatesConfig, type SlicesConfig } from '../../../shared/config/schema.ts'
import { type Campaign } from '../campaigns/attempts.ts'
import { type UnitCounts } from '../caveats.ts'
import { settledUntil, type Watches, watchPairs } from '../incidents.ts'
import { addJudged, asJudged, type JudgeOfReport, judgingFrom, type JudgingSums } from '../judging.ts'
import { comparablePairs, isUsable, type Pair, type PairRow } from '../pairs.ts'
import { sliceOf } from '../slices/dimensions.ts'
import { slicesInput } from '../slices/slices.ts'
import { hourMs, type Units, unitsOf } from '../units.ts'
import { addUnits, type CaseSums, noCase, type Terms, termsOf } from './case-sums.ts'
import { addPairs, noPairs } from './pair-tally.ts'
import { addRows, noRows, type RowTally } from './row-tally.ts'
import { type StoredAt } from './sums-store.ts'

/** What rows are read under: all of it is part of a campaign's hash. */
export type Reading = {
  candidate: Pick<Arm, 'fingerprint'>
  /** Null where the control is switched off. */
  control: Pick<Arm, 'fingerprint'> | null
  gates: GatesConfig
  /** Null: there is none. */
  judge: JudgeOfReport | null
  campaign?: Campaign | null
  slices?: SlicesConfig
}

/**
 * Everything that a verdict needs of the rows up to a moment, added up. Rows that come later are added without looking at
 * these again; where they are cut, and how often, makes no difference.
 */
export type Settled = {
  /** Rows captured before it are in. */
  untilMs: number
  rows: RowTally
  sums: CaseSums
  /** `closed` and `late` of all that is in; `open` and `isFull` as of then. */
  units: UnitCounts
  /** When the last conversation that counts fell silent; null while more may. */
  endMs: number | null
  /** Hours that end by then have been counted. */
  hoursUntilMs: number
  /** Exchanges of conversations that are still open, and when they were captured. */
  open: ReadonlyMap<string, number>
  /** Conversations that were closed by the last step. */
  silent: readonly string[]
  /** Whether the judge's decisions were taken to count; null: no row has been looked at. */
  judgeCounts: boolean | null
  /** Where there is more of it that confirms slices. */
  storedAt?: StoredAt
}

export function nothingSettled({ gates, campaign }: Pick<Reading, 'gates' | 'campaign'>): Settled {
  return {
    untilMs: -Infinity,
    rows: noRows(),
    sums: noCase(noPairs(gates.excludeIncidents, campaign?.bounds)),
    units: { closed: 0, open: 0, late: 0, isFull: false },
    endMs: null,
    hoursUntilMs: -Infinity,
    open: new Map(),
    silent: [],
    judgeCounts: null,
  }
}

export function termsIn({ gates, control, slices, campaign, candidate }: Reading): Terms {
  const input = slices ? slicesInput(slices, sliceOf, campaign?.hash ?? candidate.fingerprint) : null
  return termsOf(gates, control !== null, input)
}

/** What can only be known at the end, where it is known from elsewhere: else what the rows so far say is taken for it. */
export type Foreseen = { judgeCounts: boolean; dearest: number }

export type Moment = {
  asOf: Date
  trafficEnded: boolean
  isClosed?: (conversationId: string) => boolean
  foreseen?: Foreseen | undefined
}

/** Those of the conversations that were closed by the moment up to which all is added up. */
export type AskClosed = (conversations: ReadonlySet<string>) => Promise<ReadonlySet<string>>

/** `advance`, with what was closed before asked of the store. */
export async function advanceKnown(
  settled: Settled,
  rows: readonly PairRow[],
  reading: Reading,
  moment: Moment,
  askClosed: AskClosed,
): Promise<Settled> {
  const closed = await askClosed(mayBeClosed(settled, rows))
  return advance(settled, rows, reading, { ...moment, isClosed: (id) => closed.has(id) })
}

/** `settle`, with what was closed before asked of the store. */
export async function settleKnown(
  settled: Settled,
  rows: readonly PairRow[],
  reading: Reading,
  moment: Omit<Moment, 'trafficEnded'>,
  askClosed: AskClosed,
): Promise<Settled | null> {
  const closed = await askClosed(mayBeClosed(settled, rows))
  return settle(settled, rows, reading, { ...moment, isClosed: (id) => closed.has(id) })
}

/** A conversation of which a pair is still open is not. */
function mayBeClosed({ untilMs, open }: Settled, rows: readonly PairRow[]): Set<string> {
  if (untilMs === -Infinity) return new Set()
  const isOpen = new Set(
    rows.filter(({ exchangeId }) => open.has(exchangeId)).map(({ conversationId }) => conversationId),
  )
  return new Set(rows.map(({ conversationId }) => conversationId).filter((id) => !isOpen.has(id)))
}

/**
 * Adds rows. `rows` in any order: all that were captured since, and again those of the conversations and hours that were
 * still open. `isClosed` tells of a conversation whether it was closed before.
 */
export function advance(settled: Settled, rows: readonly PairRow[], reading: Reading, moment: Moment): Settled {
  return add(settled, readRows(settled, rows, reading, moment), reading, moment)
}

/**
 * The same up to the last full hour before `asOf` that no later row changes any more, which may be none: then null. Rows captured
 * after it are left for the next step.
 */
export function settle(
  settled: Settled,
  rows: readonly PairRow[],
  reading: Reading,
  moment: Omit<Moment, 'trafficEnded'>,
): Settled | null {
  const until = moment.asOf.getTime()
  const step = { ...moment, trafficEnded: false }
  const { newPairs } = readRows(settled, before(rows, until), reading, step)
  const untilMs = lastSettledHour(settled.sums.tally.watches, newPairs, until)
  if (untilMs <= settled.untilMs) return null
  return advance(settled, before(rows, untilMs), reading, { ...step, asOf: new Date(untilMs) })
}

const before = (rows: readonly PairRow[], untilMs: number) => rows.filter(({ capturedAtMs }) => capturedAtMs < untilMs)

type Read = {
  leftOut: number
  otherSettings: number
  judging: JudgingSums
  judgeCounts: boolean
  rows: readonly PairRow[]
  broken: readonly PairRow[]
  /** Also those that were looked at before, of what is still open. */
  pairs: readonly Pair[]
  newPairs: readonly Pair[]
}

function readRows(settled: Settled, rows: readonly PairRow[], reading: Reading, { foreseen }: Moment): Read {
  const { candidate, control, judge } = reading
  const countsFromMs = reading.campaign?.countsFromMs ?? -Infinity
  const isNew = ({ capturedAtMs }: PairRow) => !(capturedAtMs < settled.untilMs)
  const added = rows.filter(isNew)
  const fresh = rows.filter((row) => !(row.capturedAtMs < countsFromMs))
  const ofCandidate = fresh.filter((row) => row.armFingerprint === candidate.fingerprint)
  const newOfCandidate = ofCandidate.filter(isNew)
  const newFresh = fresh.filter(isNew).length
  const judging = addJudged(structuredClone(settled.rows.judging), newOfCandidate, judge?.version ?? null)
  const known = judge && judgingFrom(judging, judge.version)
  const judgeCounts = foreseen?.judgeCounts ?? settled.judgeCounts ?? known?.counts ?? true
  const judged = asJudged(ofCandidate, known && { ...known, counts: judgeCounts })
  const isBroken = (row: PairRow) => row.error !== null && row.outcome !== 'not_comparable' && !isUsable(row)
  const pairs = comparablePairs(
    judged.filter((row) => !isBroken(row)),
    control?.fingerprint ?? null,
  )
  const newRows = judged.filter(isNew)
  return {
    leftOut: added.length - newFresh,
    otherSettings: newFresh - newOfCandidate.length,
    judging,
    judgeCounts,
    rows: newRows,
    broken: newRows.filter(isBroken),
    pairs,
    newPairs: settled.untilMs === -Infinity ? pairs : pairs.filter(({ row }) => isNew(row)),
  }
}

function add(settled: Settled, read: Read, reading: Reading, moment: Moment): Settled {
  const { asOf, trafficEnded, isClosed = () => false, foreseen } = moment
  const { rows: tally, sums } = settled
  const terms = termsIn(reading)
  tally.leftOut += read.leftOut
  tally.otherSettings += read.otherSettings
  tally.judging = read.judging
  addRows(tally, read.rows)
  tally.broken.count += read.broken.length
  tally.broken.first ??= read.broken[0]?.exchangeId ?? null
  addPairs(sums.tally, read.newPairs, terms.gates)
  const before = { ...settled, closed: settled.units.closed, isClosed }
  const units = unitsOf(read.pairs, asOf, trafficEnded, reading.gates.maxUnits, before)
  addUnits(sums, units, terms, foreseen?.dearest ?? sums.chargedAt ?? undefined)
  return after(settled, units, asOf.getTime(), read.judgeCounts)
}

function after(settled: Settled, units: Units, untilMs: number, judgeCounts: boolean): Settled {
  return {
    ...settled,
    untilMs,
    units: {
      closed: settled.units.closed + units.closed,
      late: settled.units.late + units.late,
      open: units.open,
      isFull: units.isFull,
    },
    endMs: units.endMs,
    hoursUntilMs: untilMs - hourMs,
    open: new Map(units.openPairs.map(({ row }) => [row.exchangeId, row.capturedAtMs])),
    silent: units.silent,
    judgeCounts,
  }
}

/** What is foreseen where the same rows are added up again. */
export function foreseeing({ rows, sums }: Settled, { judge }: Pick<Reading, 'judge'>): Foreseen {
  return {
    judgeCounts: judge === null || judgingFrom(rows.judging, judge.version).counts,
    dearest: sums.tally.costs.dearest,
  }
}

/** Of all rows before `hoursUntilMs` those of the open conversations are needed again. */
export function isNeeded({ capturedAtMs, exchangeId }: PairRow, { hoursUntilMs, open }: Settled): boolean {
  return capturedAtMs >= hoursUntilMs || open.has(exchangeId)
}

/** Nothing has come since that makes what was added before wrong: a judge that no longer counts, a dearer answer. */
export function isConsistent({ rows, sums, judgeCounts }: Settled, { judge, campaign }: Reading): boolean {
  const { chargedAt, tally } = sums
  const bounds = [...(campaign?.bounds ?? [])]
  return (
    (chargedAt === null || chargedAt === tally.costs.dearest) &&
    (judge === null || judgeCounts === null || judgeCounts === judgingFrom(rows.judging, judge.version).counts) &&
    bounds.every(([gate, bound]) => {
      const used = tally.burnIns.get(gate)?.bound
      return used?.value === bound.value && used.untilExchange === bound.untilExchange
    })
  )
}

/** The latest full hour up to `untilMs` after which nothing changes what is before it. */
function lastSettledHour(watches: Watches | null, pairs: readonly Pair[], untilMs: number): number {
  if (watches === null) return Math.floor(untilMs / hourMs) * hourMs
  const probe = structuredClone(watches)
  watchPairs(probe, pairs)
  return Math.floor(Math.min(untilMs, settledUntil(probe)) / hourMs) * hourMs
}
