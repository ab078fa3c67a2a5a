import { type GateName, type GateResult, type Verdict, type VerdictReason } from '../../shared/contracts/verdict.ts'
import { holm } from '../../shared/statistics/holm.ts'
import { resolvableMean } from '../../shared/statistics/planning.ts'
import { type Evidence, minUnits } from './evidence.ts'

export type Decision = {
  verdict: Verdict['verdict']
  reason: VerdictReason
  decidingGate: GateName | null
  moreNeeded: Verdict['moreNeeded']
  gates: GateResult[]
  /** With `most_units_reached`: the distance to the margin that so many units show in four cases of five. */
  resolvable?: number
}

type Weighed = Evidence & { state: GateResult['state']; holmP: number }

export type DecisionFacts = {
  alpha: number
  /** No more conversations will count. */
  isFinal: boolean
  compared: number
  conversations: number
  /** Null: unknown. */
  daysPerExchange: number | null
  /** Of asking candidate and control once. Null: not known for both. */
  usdPerExchange: number | null
  ledgerBalanced: boolean
  enoughDays: boolean
  enoughCovered: boolean
  /** Every measure is one that can be. */
  allUsable: boolean
  /** The control's incidents have left enough. */
  enoughCalm: boolean
  armsDiffer: boolean
}

/**
 * The verdict from the evidence, in this order: is the replay faithful, does the ledger balance, is there enough of it,
 * does a blocking gate prove outside (Holm over the blocking gates), is every score one, may the compared exchanges speak
 * for the rest, were two different arms measured at all, do all blocking gates prove inside, and may there be more. A gate
 * that cannot be measured never lets GO pass; it does not hold back a NO-GO that the others prove.
 */
export function decide(evidence: readonly Evidence[], facts: DecisionFacts): Decision {
  const weighed = weigh(evidence, facts.alpha)
  const gates = weighed.map(resultOf)
  const inconclusive = (reason: VerdictReason, gate: Weighed | null): Decision => ({
    verdict: 'inconclusive',
    reason,
    decidingGate: gate?.gate ?? null,
    moreNeeded: moreNeeded(gate ?? bottleneck(weighed), facts),
    gates,
  })
  const blocking = weighed.filter((gate) => gate.blocking && !gate.isReplayCheck)
  const unfaithful = weighed.filter((gate) => gate.isReplayCheck && gate.state === 'outside')
  const short = blocking.filter((gate) => gate.unmeasurable === null && gate.units < minUnits)
  const outside = blocking.filter((gate) => gate.state === 'outside')
  const open = bottleneck(weighed)

  const unusable: Decision = { ...inconclusive('scores_unusable', null), moreNeeded: null }
  if (facts.compared === 0 && !facts.allUsable) return unusable
  if (facts.compared === 0) return { ...inconclusive('no_comparisons', null), moreNeeded: null }
  if (unfaithful.length > 0)
    return { ...inconclusive('replay_not_faithful', leastLikely(unfaithful)), moreNeeded: null }
  if (!facts.ledgerBalanced) return inconclusive('ledger_does_not_balance', null)
  const final = (gate: Weighed): Decision => ({
    ...inconclusive('most_units_reached', gate),
    moreNeeded: null,
    ...(gate.sd === null
      ? {}
      : { resolvable: resolvableMean({ ...gate, sd: gate.sd, alpha: facts.alpha, power: 0.8 }) }),
  })
  if (short.length > 0 && facts.isFinal) return final(short[0]!)
  if (short.length > 0) return inconclusive('too_few_units', short.toSorted((a, b) => a.units - b.units)[0]!)
  if (!facts.enoughDays) return inconclusive('too_few_days', null)
  if (outside.length > 0) {
    const reason = 'gate_outside_margin'
    return { verdict: 'no_go', reason, decidingGate: leastLikely(outside).gate, moreNeeded: null, gates }
  }
  if (!facts.allUsable) return unusable
  if (!facts.enoughCovered) return { ...inconclusive('too_much_left_out', null), moreNeeded: null }
  if (!facts.enoughCalm) return { ...inconclusive('incidents_too_long', null), moreNeeded: null }
  if (blocking.length === 0) return { ...inconclusive('no_blocking_gate', null), moreNeeded: null }
  if (!facts.armsDiffer) return { ...inconclusive('arms_identical', null), moreNeeded: null }
  if (open !== null && facts.isFinal) return final(open)
  if (open !== null) return inconclusive('evidence_not_yet_decisive', open)
  const weakest = weighed.filter(isNeeded).toSorted((a, b) => (a.logEGo ?? 0) - (b.logEGo ?? 0))[0]
  return { verdict: 'go', reason: 'all_gates_inside', decidingGate: weakest?.gate ?? null, moreNeeded: null, gates }
}

/** GO needs these: every blocking gate and both replay checks. */
const isNeeded = (gate: Evidence) => gate.blocking || gate.isReplayCheck

/** 1/E is a p-value at every look: of "inside the margin". */
const pValue = (gate: Evidence) => Math.min(1, Math.exp(-(gate.logENoGo ?? 0)))

/**
 * States, with the corrections that go with them: Holm over the blocking gates for `outside`, half of alpha for each
 * replay check, and none for `inside`, where all have to pass (intersection-union test).
 */
function weigh(evidence: readonly Evidence[], alpha: number): Weighed[] {
  const family = evidence.filter((gate) => gate.blocking && !gate.isReplayCheck)
  const adjusted = new Map(holm(family.map(pValue)).map((p, index) => [family[index]!.gate, p]))
  const inside = Math.log(1 / alpha)
  return evidence.map((gate) => {
    const holmP = adjusted.get(gate.gate) ?? Math.min(1, (gate.isReplayCheck ? 2 : 1) * pValue(gate))
    if (gate.units === 0) return { ...gate, holmP, state: gate.isOff ? 'off' : 'no_data' }
    if (holmP <= alpha) return { ...gate, holmP, state: 'outside' }
    return { ...gate, holmP, state: (gate.logEGo ?? 0) >= inside ? 'inside' : 'undecided' }
  })
}

function leastLikely(gates: readonly Weighed[]): Weighed {
  return gates.toSorted((a, b) => a.holmP - b.holmP || (b.logENoGo ?? 0) - (a.logENoGo ?? 0))[0]!
}

/** The gate that keeps GO waiting longest: first what cannot be measured, then what is not getting there. */
function bottleneck(weighed: readonly Weighed[]): Weighed | null {
  const waiting = weighed.filter((gate) => isNeeded(gate) && gate.state !== 'inside')
  const wait = (gate: Weighed) =>
    gate.unmeasurable !== null ? Number.MAX_VALUE : (gate.more?.atObservedRate ?? Number.MAX_SAFE_INTEGER)
  return waiting.toSorted((a, b) => wait(b) - wait(a) || (a.logEGo ?? 0) - (b.logEGo ?? 0))[0] ?? null
}

const nothingKnown = { atObservedRate: null, ifTrulyEqual: null, atLowerBound: null }

function moreNeeded(gate: Weighed | null, facts: DecisionFacts): Verdict['moreNeeded'] {
  if (gate === null) return null
  const more = gate.more ?? nothingKnown
  const perUnit = gate.units > 0 ? gate.exchanges / gate.units : facts.compared / facts.conversations
  const exchanges = more.atObservedRate === null ? null : Math.ceil(more.atObservedRate * perUnit - 1e-9)
  const times = (each: number | null) => (exchanges === null || each === null ? null : exchanges * each)
  const [days, costUsd] = [times(facts.daysPerExchange), times(facts.usdPerExchange)]
  return { ...more, gate: gate.gate, exchanges, days, costUsd }
}

function resultOf(weighed: Weighed): GateResult {
  const { gate, blocking, unit, margin, state, units, exchanges, designEffect, mean, lower, upper, logEGo, logENoGo } =
    weighed
  const { natural, notes } = weighed
  // A settled gate needs nothing more.
  const more = state === 'undecided' ? weighed.more : null
  const evidence = { units, exchanges, designEffect, mean, lower, upper, logEGo, logENoGo }
  return { gate, blocking, unit, margin, state, ...evidence, natural, more, notes }
}
