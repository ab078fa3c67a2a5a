import { setImmediate as turn } from 'node:timers/promises'
import { type GatesConfig } from '../../../shared/config/schema.ts'
import { type EvidencePoint, type GateEvidence } from '../../../shared/contracts/series.ts'
import { type GateResult, type Verdict } from '../../../shared/contracts/verdict.ts'
import { weigh } from '../judge.ts'
import { type PairRow } from '../pairs.ts'
import { type CaseSums, type Terms } from '../sums/case-sums.ts'
import { advance, isNeeded, nothingSettled, type Reading, type Settled, termsIn } from '../sums/settled.ts'
import { hourMs, idleMs } from '../units.ts'
import { type Kept } from '../sums/sums-store.ts'

/** Every gate at one moment. */
export type Look = {
  atMs: number
  gates: Pick<GateResult, 'gate' | 'units' | 'mean' | 'lower' | 'upper' | 'logEGo' | 'logENoGo'>[]
}

type Under = { terms: Terms; gates: GatesConfig; hasControl: boolean }

/** Under what a verdict with this alpha looks, kinds of traffic aside. */
export function underOf(reading: Reading, alpha: number): Under {
  const { slices: _, ...whole } = reading
  return { terms: termsIn(whole), gates: { ...reading.gates, alpha }, hasControl: reading.control !== null }
}

export function lookAt({ untilMs, sums }: Pick<Kept, 'untilMs' | 'sums'>, under: Under): Look {
  const none = { slices: new Map(), cells: new Map(), chargedAt: null }
  const whole: CaseSums = { ...none, ...sums }
  return { atMs: untilMs, gates: weigh({ ...under, sums: whole, off: new Map() }).evidence }
}

/**
 * The gates at so many moments of equal distance, from rows in the order of their capture: as a verdict would have seen them
 * then, with what the first exchanges have fixed by now.
 */
export async function looksFrom(
  rows: readonly PairRow[],
  reading: Reading,
  alpha: number,
  steps: number,
  asOf: Date,
): Promise<Look[]> {
  const { slices: _, ...whole } = reading
  const under = underOf(reading, alpha)
  const [first, last] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined) return []
  const fromMs = first.capturedAtMs
  // By then the last conversation is closed and the last hour over.
  const endMs = Math.min(asOf.getTime(), last.capturedAtMs + hourMs + idleMs)
  const closed = new Set<string>()
  const looks: Look[] = []
  let settled: Settled = nothingSettled(whole)
  let open: PairRow[] = []
  let taken = 0
  for (let step = 1; step < steps; step += 1) {
    const atMs = Math.floor(fromMs + ((endMs - fromMs) * step) / steps)
    const before = taken
    while (taken < rows.length && rows[taken]!.capturedAtMs < atMs) taken += 1
    const moment = { asOf: new Date(atMs), trafficEnded: false, isClosed: (id: string) => closed.has(id) }
    settled = advance(settled, [...open, ...rows.slice(before, taken)], whole, moment)
    for (const id of settled.silent) closed.add(id)
    open = [...open, ...rows.slice(before, taken)].filter((row) => isNeeded(row, settled))
    looks.push(lookAt({ untilMs: atMs, sums: settled.sums }, under))
    // Others are answered in between.
    await turn()
  }
  return looks
}

/** By gate, with the verdict itself as the last point. */
export function evidenceOf(verdict: Verdict, looks: readonly Look[]): GateEvidence[] {
  const now: Look = { atMs: Date.parse(verdict.asOf), gates: verdict.gates }
  const all = [...looks.filter(({ atMs }) => atMs < now.atMs), now]
  return verdict.gates
    .filter(({ state }) => state !== 'off')
    .map(({ gate, blocking, margin, unit }) => ({
      gate,
      blocking,
      margin,
      unit,
      line: Math.log(1 / verdict.alpha),
      points: all.flatMap(({ atMs, gates }) => {
        const found = gates.find((each) => each.gate === gate)
        return found === undefined ? [] : [pointOf(atMs, found)]
      }),
    }))
}

function pointOf(atMs: number, { units, mean, lower, upper, logEGo, logENoGo }: Look['gates'][number]): EvidencePoint {
  return {
    at: new Date(atMs).toISOString(),
    units,
    lower,
    upper,
    estimate: mean,
    logEvidence: logEGo,
    logEvidenceNoGo: logENoGo,
  }
}
