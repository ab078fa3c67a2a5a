import { type GateName, type SliceResult } from '../../../shared/contracts/verdict.ts'
import { sha256Hex } from '../../../shared/ids.ts'
import { meanOfValues, varianceOf } from '../../../shared/statistics/moments.ts'
import { unitValues } from '../evidence.ts'
import { type Reading } from '../gates/gate.ts'
import { fewestUnits, type GateReadings, judged, partsOf, weigh } from './declared.ts'
import { type SliceOf } from './dimensions.ts'

/** What an answer is worth. A kind of traffic that is only slow or dear shows in the slices that are declared. */
const searchedGates: ReadonlySet<GateName> = new Set(['quality', 'divergence', 'errors'])
const mostNominees = 3
/** So many standard errors outside its margin a slice must be to be looked at again. */
const suspicious = -2
/** Two slices that share so much are one. */
const sameShare = 0.8

type Nominee = { cut: readonly string[]; value: string; from: GateReadings; discovered: readonly Reading[]; z: number }

/**
 * The worst kinds of traffic that nobody declared. One half of the conversations, drawn by a salted hash, is searched, by
 * each dimension and by each two together; the other half alone says how bad the up to three nominees are, with Holm over
 * them. Gates whose unit is the hour are not searched: both halves would share their hours.
 */
export function foundSlices(
  gates: readonly GateReadings[],
  dimensions: readonly string[],
  { sliceOf, salt, alpha }: { sliceOf: SliceOf; salt: string; alpha: number },
): SliceResult[] {
  const isDiscovery = halves(salt)
  // What has one value everywhere cuts nothing, and would only name the others' slices once more.
  const cutting = dimensions.filter((dimension) => gates.some(({ readings }) => hasTwo(readings, dimension, sliceOf)))
  const cuts = cutting.flatMap((one, index) => [[one], ...cutting.slice(index + 1).map((other) => [one, other])])
  const nominees = gates
    .filter(({ gate }) => gate.unit === 'conversation' && searchedGates.has(gate.name))
    .flatMap((from) => {
      const half = from.readings.filter(({ pair }) => isDiscovery(pair.row.conversationId))
      return cuts.flatMap((cut) => nomineesIn(from, half, cut, crossing(cut, sliceOf)))
    })
  const confirmed = distinct(nominees.toSorted((a, b) => a.z - b.z)).map(({ cut, value, from }) => {
    const { gate, readings, incidents } = from
    const valueOf = crossing(cut, sliceOf)
    const other = readings.filter(({ pair }) => !isDiscovery(pair.row.conversationId) && valueOf(pair) === value)
    return {
      dimension: cut.join(' and '),
      value,
      gate,
      readings: other,
      incidents,
      ...weigh({ gate, readings: other, incidents }),
    }
  })
  return judged(confirmed, alpha)
}

function hasTwo(readings: readonly Reading[], dimension: string, sliceOf: SliceOf): boolean {
  const values = readings.values().flatMap(({ pair }) => {
    const value = sliceOf(pair, dimension)
    return value === null ? [] : [value]
  })
  const first = values.next().value
  return first !== undefined && values.some((value) => value !== first)
}

/** By a hash that knows nothing of outcomes, and differs between campaigns. */
function halves(salt: string): (conversationId: string) => boolean {
  const known = new Map<string, boolean>()
  return (conversationId) => {
    const found = known.get(conversationId)
    if (found !== undefined) return found
    const isDiscovery = Number.parseInt(sha256Hex(`${salt}\n${conversationId}`).slice(0, 2), 16) < 128
    known.set(conversationId, isDiscovery)
    return isDiscovery
  }
}

function crossing(cut: readonly string[], sliceOf: SliceOf): (pair: Reading['pair']) => string | null {
  return (pair) => {
    const values = cut.map((dimension) => sliceOf(pair, dimension))
    return values.includes(null) ? null : values.join(' and ')
  }
}

/** Slices that look outside their margin, by how many standard errors. */
function nomineesIn(
  from: GateReadings,
  half: readonly Reading[],
  cut: readonly string[],
  valueOf: (pair: Reading['pair']) => string | null,
): Nominee[] {
  return [...partsOf(half, valueOf)].flatMap(([value, discovered]) => {
    const { values } = unitValues(discovered, from.gate.unit)
    const [mean, variance] = [meanOfValues(values), varianceOf(values)]
    if (values.length < fewestUnits || mean === null || variance === null) return []
    const z = mean / Math.sqrt(variance / values.length)
    return z <= suspicious ? [{ cut, value, from, discovered, z }] : []
  })
}

/** The worst first; a slice that is mostly one that was chosen before is passed over. */
function distinct(nominees: readonly Nominee[]): Nominee[] {
  const chosen: { nominee: Nominee; pairs: Set<Reading['pair']> }[] = []
  for (const nominee of nominees) {
    if (chosen.length === mostNominees) break
    const isNew = chosen.every(({ pairs }) => {
      const shared = nominee.discovered.filter(({ pair }) => pairs.has(pair)).length
      return shared < sameShare * Math.min(nominee.discovered.length, pairs.size)
    })
    if (isNew) chosen.push({ nominee, pairs: new Set(nominee.discovered.map(({ pair }) => pair)) })
  }
  return chosen.map(({ nominee }) => nominee)
}
