import { type GateName, type SliceResult } from '../../../shared/contracts/verdict.ts'
import { type CellSums } from '../sums/case-sums.ts'
import { addedUp, coarse, type Moments, noMoments } from '../sums/gate-sums.ts'
import { fewestUnits, judged, type SliceGateFacts, weigh } from './declared.ts'

/** What an answer is worth. A kind of traffic that is only slow or dear shows in the slices that are declared. */
export const searchedGates: ReadonlySet<GateName> = new Set(['quality', 'divergence', 'errors'])
const mostNominees = 3
/** So many standard errors outside its margin a slice must be to be looked at again. */
const suspicious = -2
/** Two slices that share so much are one. */
const sameShare = 0.8

/** Places in a cell's kind. */
export type Cut = readonly number[]
/** A kind of traffic that looks outside its margin, by how many standard errors. */
export type Nominee = { cut: Cut; values: readonly string[]; facts: SliceGateFacts; exchanges: number; z: number }

/**
 * The worst kinds of traffic in the half of the conversations that is searched, by each dimension and by each two together: up
 * to three, the worst first. `cells` without what is known to be harmed.
 */
export function nominated(gates: readonly SliceGateFacts[], cells: Iterable<CellSums>, dimensions: number): Nominee[] {
  const all = [...cells]
  const cutting = Array.from({ length: dimensions }, (_, place) => place).filter((place) => hasTwo(all, place))
  // What has one value everywhere cuts nothing, and would only name the others' slices once more.
  const cuts: Cut[] = cutting.flatMap((one, index) => [[one], ...cutting.slice(index + 1).map((other) => [one, other])])
  const byGate = Map.groupBy(all, ({ gate }) => gate)
  const cellsOf = ({ gate }: SliceGateFacts) => byGate.get(gate.name) ?? []
  const nominees = gates.flatMap((facts) => cuts.flatMap((cut) => suspiciousIn(facts, cellsOf(facts), cut)))
  const worstFirst = nominees.toSorted((a, b) => a.z - b.z || (a.values.join() < b.values.join() ? -1 : 1))
  return distinct(worstFirst, cellsOf)
}

/** What the other half alone says of the nominees, with Holm over them. A conversation is of the kind that it begins as. */
export function foundSlices(
  nominees: readonly Nominee[],
  cells: Iterable<CellSums>,
  dimensions: readonly string[],
  alpha: number,
): SliceResult[] {
  const all = [...cells]
  const confirmed = nominees.flatMap(({ cut, values, facts }) => {
    const own = all.filter((cell) => cell.gate === facts.gate.name && isIn(cell, { cut, values }))
    const parts = own.map(({ confirmation }) => confirmation)
    const sums = addedUp(facts.gate, parts, coarse)
    if (sums.units === 0) return []
    const dimension = cut.map((place) => dimensions[place]).join(' and ')
    return [{ dimension, value: values.join(' and '), facts, sums, ...weigh({ facts, sums }) }]
  })
  return judged(confirmed, alpha)
}

function hasTwo(cells: readonly CellSums[], place: number): boolean {
  const one = cells.find(({ kind }) => kind[place] !== null)?.kind[place]
  return cells.some(({ kind }) => kind[place] !== null && kind[place] !== one)
}

/** In each dimension of the cut. */
export function isIn({ kind }: Pick<CellSums, 'kind'>, { cut, values }: Pick<Nominee, 'cut' | 'values'>): boolean {
  return cut.every((place, index) => kind[place] === values[index])
}

/** Slices that look outside their margin, by how many standard errors. */
function suspiciousIn(facts: SliceGateFacts, cells: readonly CellSums[], cut: Cut): Nominee[] {
  const parts = new Map<string, Map<string, Moments>>()
  const [one, other] = cut
  let whole = 0
  for (const { kind, discovery } of cells) {
    whole += discovery.exchanges
    const first = kind[one!]
    const second = other === undefined ? '' : kind[other]
    // Not known in one of the dimensions.
    if (typeof first !== 'string' || typeof second !== 'string') continue
    addTo(parts, first, second, discovery)
  }
  const found: Nominee[] = []
  for (const [first, seconds] of parts) {
    for (const [second, { units, exchanges, sum, squares }] of seconds) {
      if (units < fewestUnits || exchanges === whole) continue
      const mean = sum / units
      const variance = Math.max(0, squares - units * mean * mean) / (units - 1)
      const z = mean / Math.sqrt(variance / units)
      if (z <= suspicious)
        found.push({ cut, values: other === undefined ? [first] : [first, second], facts, exchanges, z })
    }
  }
  return found
}

function addTo(parts: Map<string, Map<string, Moments>>, first: string, second: string, cell: Moments): void {
  let seconds = parts.get(first)
  if (seconds === undefined) parts.set(first, (seconds = new Map()))
  let part = seconds.get(second)
  if (part === undefined) seconds.set(second, (part = noMoments()))
  part.units += cell.units
  part.exchanges += cell.exchanges
  part.sum += cell.sum
  part.squares += cell.squares
}

/** The worst first; a slice that is mostly one that was chosen before is passed over. */
function distinct(nominees: readonly Nominee[], cellsOf: (facts: SliceGateFacts) => readonly CellSums[]): Nominee[] {
  const chosen: Nominee[] = []
  for (const nominee of nominees) {
    if (chosen.length === mostNominees) break
    const own = cellsOf(nominee.facts).filter((cell) => isIn(cell, nominee))
    const isNew = chosen.every((before) => {
      const shared = own
        .filter((cell) => isIn(cell, before))
        .reduce((sum, { discovery }) => sum + discovery.exchanges, 0)
      return shared < sameShare * Math.min(nominee.exchanges, before.exchanges)
    })
    if (isNew) chosen.push(nominee)
  }
  return chosen
}
