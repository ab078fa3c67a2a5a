import { type GateName, type SliceResult } from '../../../shared/contracts/verdict.ts'
import { type CellSums } from '../sums/case-sums.ts'
import { coarse, type GateSums, mergeSums, noSums } from '../sums/gate-sums.ts'
import { fewestUnits, judged, type SliceGateFacts, weigh } from './declared.ts'

/** What an answer is worth. A kind of traffic that is only slow or dear shows in the slices that are declared. */
export const searchedGates: ReadonlySet<GateName> = new Set(['quality', 'divergence', 'errors'])
const mostNominees = 3
/** So many standard errors outside its margin a slice must be to be looked at again. */
const suspicious = -2
/** Two slices that share so much are one. */
const sameShare = 0.8

/** Places in a cell's kind. */
type Cut = readonly number[]
type Cell = CellSums & Moments
type Moments = { units: number; exchanges: number; sum: number; squares: number }
type Nominee = { cut: Cut; value: string; facts: SliceGateFacts; exchanges: number; z: number }

/**
 * The worst kinds of traffic that nobody declared. One half of the conversations, drawn by a salted hash, is searched, by
 * each dimension and by each two together; the other half alone says how bad the up to three nominees are, with Holm over
 * them. A conversation is of the kind that it begins as.
 */
export function foundSlices(
  gates: readonly SliceGateFacts[],
  cells: Iterable<CellSums>,
  dimensions: readonly string[],
  alpha: number,
): SliceResult[] {
  const all = [...cells].map((cell) => ({ ...cell, ...momentsOf(cell.sums) }))
  // What has one value everywhere cuts nothing, and would only name the others' slices once more.
  const cutting = dimensions.flatMap((_, place) => (hasTwo(all, place) ? [place] : []))
  const cuts: Cut[] = cutting.flatMap((one, index) => [[one], ...cutting.slice(index + 1).map((other) => [one, other])])
  const cellsOf = Map.groupBy(all, ({ gate, isDiscovery }) => `${gate} ${isDiscovery}`)
  const discovered = ({ gate }: SliceGateFacts) => cellsOf.get(`${gate.name} true`) ?? []
  const nominees = gates.flatMap((facts) => cuts.flatMap((cut) => nomineesIn(facts, discovered(facts), cut)))
  const worst = distinct(
    nominees.toSorted((a, b) => a.z - b.z || (a.value < b.value ? -1 : 1)),
    discovered,
  )
  const confirmed = worst.flatMap(({ cut, value, facts }) => {
    const sums = sumOf(
      facts,
      (cellsOf.get(`${facts.gate.name} false`) ?? []).filter((cell) => valueIn(cell, cut) === value),
    )
    if (sums.units === 0) return []
    const dimension = cut.map((place) => dimensions[place]).join(' and ')
    return [{ dimension, value, facts, sums, ...weigh({ facts, sums }) }]
  })
  return judged(confirmed, alpha)
}

function hasTwo(cells: readonly Cell[], place: number): boolean {
  const values = new Set(cells.map(({ kind }) => kind[place]))
  values.delete(null)
  return values.size > 1
}

/** In all dimensions of the cut at once; null: not known in one of them. */
function valueIn({ kind }: Cell, cut: Cut): string | null {
  const values = cut.map((place) => kind[place]!)
  return values.includes(null!) ? null : values.join(' and ')
}

function momentsOf({ units, exchanges, values }: GateSums): Moments {
  let [sum, squares] = [0, 0]
  for (const [value, times] of values.counts) {
    sum += value * times
    squares += value * value * times
  }
  return { units, exchanges, sum, squares }
}

/** Slices that look outside their margin, by how many standard errors. */
function nomineesIn(facts: SliceGateFacts, cells: readonly Cell[], cut: Cut): Nominee[] {
  const parts = new Map<string, Moments>()
  let whole = 0
  for (const cell of cells) {
    whole += cell.exchanges
    const value = valueIn(cell, cut)
    if (value === null) continue
    const part = parts.get(value) ?? { units: 0, exchanges: 0, sum: 0, squares: 0 }
    parts.set(value, part)
    part.units += cell.units
    part.exchanges += cell.exchanges
    part.sum += cell.sum
    part.squares += cell.squares
  }
  return [...parts].flatMap(([value, { units, exchanges, sum, squares }]) => {
    if (units < fewestUnits || exchanges === whole) return []
    const mean = sum / units
    const variance = Math.max(0, squares - units * mean * mean) / (units - 1)
    const z = mean / Math.sqrt(variance / units)
    return z <= suspicious ? [{ cut, value, facts, exchanges, z }] : []
  })
}

/** The worst first; a slice that is mostly one that was chosen before is passed over. */
function distinct(nominees: readonly Nominee[], discovered: (facts: SliceGateFacts) => readonly Cell[]): Nominee[] {
  const chosen: Nominee[] = []
  for (const nominee of nominees) {
    if (chosen.length === mostNominees) break
    const own = discovered(nominee.facts).filter((cell) => valueIn(cell, nominee.cut) === nominee.value)
    const isNew = chosen.every(({ cut, value, exchanges }) => {
      const shared = own.filter((cell) => valueIn(cell, cut) === value).reduce((sum, cell) => sum + cell.exchanges, 0)
      return shared < sameShare * Math.min(nominee.exchanges, exchanges)
    })
    if (isNew) chosen.push(nominee)
  }
  return chosen
}

function sumOf({ gate }: SliceGateFacts, cells: readonly Cell[]): GateSums {
  const sums = noSums(gate, coarse)
  for (const cell of cells) mergeSums(sums, cell.sums)
  return sums
}
