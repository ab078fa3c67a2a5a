import { type Verdict } from '../../shared/contracts/verdict.ts'
import { type Pair } from './pairs.ts'

const shortestMs = 5 * 60_000
/** An arm of which more requests than this fail is having an incident. */
const failingShare = 0.2
/** Fewer failures than this are bad luck. */
const minFailures = 5
/** Sum of the scores below its peak at which an incident is over: fifteen good requests in a row. */
const recovered = 15 * failingShare
/** After so long without a request nobody knows. */
const silenceMs = 60 * 60_000
/** More of the exchanges than this are no incident of the candidate, they are how it is. */
const mostForgiven = 0.05
/** Above this share the control's incidents have taken too much away for the rest to speak. */
export const mostLeftOut = 0.1

export type Incident = { fromMs: number; toMs: number; exchanges: number; failures: number }

type Run = Incident & {
  sum: number
  peak: number
  seen: number
  failed: number
  /** Pairs of all kinds since its beginning, and up to its peak. */
  passed: number
  inside: number
}

/** One arm's requests, watched in the order of their capture. */
export type Watch = { lastMs: number | null; run: Run | null; found: (Incident & { inside: number })[] }

const noWatch = (): Watch => ({ lastMs: null, run: null, found: [] })

/**
 * Looks for runs of requests, five minutes and longer from their first to their last failure, of which more than a fifth failed
 * and at least five. A failure scores 0.8 and any other request −0.2, so that a sum above 0 is just that; a run ends at its peak
 * once fifteen good requests have followed. By requests and not by the clock, so that an incident of an hour with ten requests
 * is seen, too. `failed` is null where the arm was not asked.
 */
function watch(of: Watch, atMs: number, failed: boolean | null): void {
  if (of.run !== null) of.run.passed += 1
  if (failed === null) return
  if (of.lastMs !== null && atMs - of.lastMs > silenceMs) end(of)
  of.lastMs = atMs
  if (of.run === null && !failed) return
  of.run ??= {
    fromMs: atMs,
    toMs: atMs,
    exchanges: 0,
    failures: 0,
    sum: 0,
    peak: 0,
    seen: 0,
    failed: 0,
    passed: 1,
    inside: 0,
  }
  const { run } = of
  run.sum += Number(failed) - failingShare
  run.seen += 1
  run.failed += Number(failed)
  if (run.sum > run.peak) {
    Object.assign(run, { peak: run.sum, toMs: atMs, exchanges: run.seen, failures: run.failed, inside: run.passed })
  } else if (run.sum <= 0 || run.peak - run.sum >= recovered - 1e-9) end(of)
}

const isIncident = ({ fromMs, toMs, failures }: Run) => failures >= minFailures && toMs - fromMs >= shortestMs

function end(of: Watch): void {
  of.found = foundBy(of)
  of.run = null
}

/** What is under way ends at its peak so far. */
function foundBy({ found, run }: Watch): Watch['found'] {
  if (run === null || !isIncident(run)) return found
  const { fromMs, toMs, exchanges, failures, inside } = run
  return [...found, { fromMs, toMs, exchanges, failures, inside }]
}

export type Watches = { control: Watch; candidate: Watch }

export const noWatches = (): Watches => ({ control: noWatch(), candidate: noWatch() })

/** `pairs` in the order of their capture, after those that were watched before. */
export function watchPairs({ control, candidate }: Watches, pairs: readonly Pair[]): void {
  for (const pair of pairs) {
    watch(control, pair.row.capturedAtMs, pair.control?.error ?? null)
    watch(candidate, pair.row.capturedAtMs, pair.candidate.error)
  }
}

/** Of an exchange before this moment, later ones do not change whether it is part of an incident. */
export function settledUntil(watches: Watches): number {
  return Math.min(
    ...[watches.control, watches.candidate].map(({ run }) =>
      run === null ? Infinity : isIncident(run) ? run.toMs + 1 : run.fromMs,
    ),
  )
}

/** `leftOut`: pairs while the control failed. `forgiven`: pairs while the candidate failed. */
export type IncidentPairs = { leftOut: ReadonlySet<Pair>; forgiven: ReadonlySet<Pair> }

export const noIncidents: IncidentPairs = { leftOut: new Set(), forgiven: new Set() }

/**
 * An incident never helps its own arm. While the control fails the candidate would win by waiting, so these minutes are left
 * out for both arms. While the candidate fails, its failures stay in everything that may lead to GO; they are only not enough for
 * a NO-GO, as long as they are few: an arm that fails in bursts again and again is never excused.
 * What becomes of incidents among so many pairs.
 */
export function dealtWith({ control, candidate }: Watches, pairs: number) {
  const [ofControl, ofCandidate] = [foundBy(control), foundBy(candidate)]
  const insideOf = (incidents: Watch['found']) => incidents.reduce((sum, { inside }) => sum + inside, 0)
  const isFew = (incidents: Watch['found']) => insideOf(incidents) <= mostForgiven * pairs
  return {
    told: [
      ...ofControl.map((incident) => told('control', incident, 'left_out')),
      ...ofCandidate.map((incident) =>
        told('candidate', incident, isFew(ofCandidate) ? 'not_towards_no_go' : 'counted'),
      ),
    ].toSorted((a, b) => (a.from < b.from ? -1 : 1)),
    isReplaySpared: isFew(ofControl),
    isForgiven: isFew(ofCandidate),
    shareLeftOut: pairs === 0 ? 0 : insideOf(ofControl) / pairs,
  }
}

export function partsIn({ control, candidate }: Watches, pairs: readonly Pair[]): IncidentPairs {
  return { leftOut: within(pairs, foundBy(control)), forgiven: within(pairs, foundBy(candidate)) }
}

function within(pairs: readonly Pair[], incidents: readonly Incident[]): Set<Pair> {
  if (incidents.length === 0) return new Set()
  return new Set(pairs.filter(({ row }) => isWithin(row.capturedAtMs, incidents)))
}

/** `incidents` in order, none of them overlapping. */
function isWithin(atMs: number, incidents: readonly Incident[]): boolean {
  let [low, high] = [0, incidents.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (incidents[middle]!.toMs < atMs) low = middle + 1
    else high = middle
  }
  return low < incidents.length && incidents[low]!.fromMs <= atMs
}

function told(
  arm: Verdict['incidents'][number]['arm'],
  { fromMs, toMs, exchanges, failures }: Incident,
  treatment: Verdict['incidents'][number]['treatment'],
): Verdict['incidents'][number] {
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()]
  return { arm, from, to, minutes: (toMs - fromMs) / 60_000, exchanges, failures, treatment }
}
