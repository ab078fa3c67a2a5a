import { type Evidence, calmIn, enteredIn, evidenceFrom } from '../../services/report/evidence.ts'
import { addCosts, type Bound, type Gate, noBurnIn, noCosts, type Reading } from '../../services/report/gates/gate.ts'
import { type IncidentPairs, noIncidents } from '../../services/report/incidents.ts'
import { type Pair, weightedMean } from '../../services/report/pairs.ts'
import { sumsOf } from '../../services/report/sums/gate-sums.ts'
import { type Units } from '../../services/report/units.ts'

type Readings = {
  readings: Reading[]
  /** Null: the gate needs none, or it is not fixed yet. */
  bound: Bound | null
  unmeasurable: string | null
  /** How many more pairs fix the bound before the first one counts; 0 once it is fixed. */
  burnInLeft: number
  notes: string[]
}

/** All pairs, in the order of capture, through one gate; a bound that it needs comes from the first of them unless it is `fixed`. */
export function readGate(gate: Gate, pairs: readonly Pair[], fixed?: Bound): Readings {
  const costs = addCosts(noCosts(), pairs)
  const unmeasurable = gate.refusal(costs)
  const nothing = { readings: [], bound: null, burnInLeft: 0, unmeasurable }
  if (unmeasurable !== null) return { ...nothing, notes: [] }
  const gathered = gate.burnIn && fixed === undefined ? gate.burnIn.gather(noBurnIn(), pairs) : null
  const bound = fixed ?? gathered?.bound ?? null
  if (gate.burnIn && gathered && bound === null) {
    return { ...nothing, burnInLeft: gate.burnIn.left(gathered), notes: [gate.burnIn.note(gathered)] }
  }
  const readings = gate.readingsOf(pairs, bound, costs)
  const notes = gate.notes({
    exchanges: readings.length,
    marked: readings.filter(({ isMarked }) => isMarked).length,
    reference: weightedMean(
      readings.map(({ pair }) => pair),
      gate.natural.reference,
    ),
    bound,
    costs,
    isAbsolute: pairs.some(({ servedQuality }) => servedQuality !== null),
  })
  return { ...nothing, readings, bound, notes }
}

/** The evidence of one gate by itself, from all pairs at once. */
export function evidenceOf(
  gate: Gate,
  pairs: readonly Pair[],
  units: Units,
  alpha: number,
  incidents: IncidentPairs = noIncidents,
): Evidence {
  const { readings, bound } = readGate(gate, pairs)
  const entered = enteredIn(gate, readings, units, incidents)
  return evidenceFrom(gate, sumsOf(gate, entered, calmIn(entered, incidents)), alpha, {
    costs: addCosts(noCosts(), pairs),
    isAbsolute: pairs.some(({ servedQuality }) => servedQuality !== null),
    burnIn: gate.burnIn === undefined ? null : { ...gate.burnIn.gather(noBurnIn(), pairs), bound },
    forgives: true,
  })
}
