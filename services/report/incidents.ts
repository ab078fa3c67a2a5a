import { type Verdict } from '../../shared/contracts/verdict.ts'
import { isControlled, type Pair } from './pairs.ts'

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

/**
 * Runs of requests, five minutes and longer from their first to their last failure, of which more than a fifth failed and at
 * least five. A failure scores 0.8 and any other request −0.2, so that a sum above 0 is just that; a run ends at its peak once
 * fifteen good requests have followed. By requests and not by the clock, so that an incident of an hour with ten requests
 * is seen, too. `pairs` in the order of their capture.
 */
export function incidentsOf<P extends Pair>(pairs: readonly P[], isFailed: (pair: P) => boolean): Incident[] {
  const found: Incident[] = []
  let run: (Incident & { sum: number; peak: number; seen: number; failed: number }) | null = null
  let lastMs = -Infinity
  const end = () => {
    if (run !== null && run.failures >= minFailures && run.toMs - run.fromMs >= shortestMs) {
      const { fromMs, toMs, exchanges, failures } = run
      found.push({ fromMs, toMs, exchanges, failures })
    }
    run = null
  }
  for (const pair of pairs) {
    const atMs = pair.row.capturedAtMs
    if (atMs - lastMs > silenceMs) end()
    lastMs = atMs
    const failed = isFailed(pair)
    if (run === null && !failed) continue
    run ??= { fromMs: atMs, toMs: atMs, exchanges: 0, failures: 0, sum: 0, peak: 0, seen: 0, failed: 0 }
    run.sum += Number(failed) - failingShare
    run.seen += 1
    run.failed += Number(failed)
    if (run.sum > run.peak) Object.assign(run, { peak: run.sum, toMs: atMs, exchanges: run.seen, failures: run.failed })
    else if (run.sum <= 0 || run.peak - run.sum >= recovered - 1e-9) end()
  }
  end()
  return found
}

/** How a verdict deals with incidents. */
export type Incidents = {
  told: Verdict['incidents']
  /** While the control failed: in no gate that holds the candidate against it. */
  leftOut: ReadonlySet<Pair>
  /** Also not in the replay checks: empty where the control failed too long for an incident. */
  outOfReplay: ReadonlySet<Pair>
  /** While the candidate failed: they count against GO and not towards NO-GO. */
  forgiven: ReadonlySet<Pair>
  /** Of the exchanges. */
  shareLeftOut: number
}

export const noIncidents: Incidents = {
  told: [],
  leftOut: new Set(),
  outOfReplay: new Set(),
  forgiven: new Set(),
  shareLeftOut: 0,
}

/**
 * An incident never helps its own arm. While the control fails the candidate would win by waiting, so these minutes are left
 * out for both arms. While the candidate fails, its failures stay in everything that may lead to GO; they are only not enough for
 * a NO-GO, as long as they are few: an arm that fails in bursts again and again is never excused.
 */
export function dealWith(pairs: readonly Pair[]): Incidents {
  const ofControl = incidentsOf(pairs.filter(isControlled), ({ control }) => control.error)
  const ofCandidate = incidentsOf(pairs, ({ candidate }) => candidate.error)
  const leftOut = within(pairs, ofControl)
  const during = within(pairs, ofCandidate)
  const isFew = (part: ReadonlySet<Pair>) => part.size <= mostForgiven * pairs.length
  return {
    told: [
      ...ofControl.map((incident) => told('control', incident, 'left_out')),
      ...ofCandidate.map((incident) => told('candidate', incident, isFew(during) ? 'not_towards_no_go' : 'counted')),
    ].toSorted((a, b) => (a.from < b.from ? -1 : 1)),
    leftOut,
    outOfReplay: isFew(leftOut) ? leftOut : new Set(),
    forgiven: isFew(during) ? during : new Set(),
    shareLeftOut: pairs.length === 0 ? 0 : leftOut.size / pairs.length,
  }
}

function within(pairs: readonly Pair[], incidents: readonly Incident[]): Set<Pair> {
  if (incidents.length === 0) return new Set()
  return new Set(
    pairs.filter(({ row }) =>
      incidents.some(({ fromMs, toMs }) => row.capturedAtMs >= fromMs && row.capturedAtMs <= toMs),
    ),
  )
}

function told(
  arm: Verdict['incidents'][number]['arm'],
  { fromMs, toMs, exchanges, failures }: Incident,
  treatment: Verdict['incidents'][number]['treatment'],
): Verdict['incidents'][number] {
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()]
  return { arm, from, to, minutes: (toMs - fromMs) / 60_000, exchanges, failures, treatment }
}
