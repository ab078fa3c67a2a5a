import { GateName } from '../../../shared/contracts/verdict.ts'
import { type QuantileSketch } from '../../../shared/statistics/quantile-sketch.ts'
import { type Grid, type ValueCounts } from '../../../shared/statistics/value-counts.ts'
import { type Gate } from '../gates/gate.ts'
import { type CaseSums, type SliceSums } from './case-sums.ts'
import { coarse, fine, type GateSums, mergeSums, noSums, type Precision } from './gate-sums.ts'

export type Scope = 'gate' | 'throughout' | 'slice' | 'cell'

/** The columns of `campaign_sums` that hold what was added up, in the order of a stored row. */
export const sumsColumns = [
  'scope',
  'gate',
  'dimension',
  'value',
  'units',
  'exchanges',
  'marked',
  'is_exact',
  'points',
  'times',
  'exchange_sum',
  'exchange_squares',
  'calm_units',
  'calm_is_exact',
  'calm_points',
  'calm_times',
  'if_equal',
  'heaviest',
  'lightest',
  'candidate_sum',
  'candidate_weight',
  'reference_sum',
  'reference_weight',
  'candidate_bins',
  'candidate_counts',
  'candidate_least',
  'reference_bins',
  'reference_counts',
  'reference_least',
] as const

/** One row by its columns. */
export type SumsRow = {
  scope: Scope
  gate: string
  dimension: string
  value: string
  units: number
  exchanges: number
  marked: number
  is_exact: boolean
  points: number[]
  times: number[]
  exchange_sum: number
  exchange_squares: number
  calm_units: number | null
  calm_is_exact: boolean
  calm_points: number[]
  calm_times: number[]
  if_equal: number
  heaviest: number
  lightest: number
  candidate_sum: number
  candidate_weight: number
  reference_sum: number
  reference_weight: number
} & Record<`${'candidate' | 'reference'}_${'bins' | 'counts' | 'least'}`, number[]>

/** Of a cell, the half that is searched. */
export type DiscoveryRow = { gate: string; value: string } & Record<
  `discovery_${'units' | 'exchanges' | 'sum' | 'squares'}`,
  number
>

type Place = Pick<SumsRow, 'scope' | 'gate' | 'dimension' | 'value'>

const nowhere = { dimension: '', value: '' }

export function rowsOfSums({
  gates,
  replayThroughout,
  slices,
  cells,
}: Omit<CaseSums, 'tally' | 'chargedAt'>): (SumsRow & DiscoveryRow)[] {
  return [
    ...[...gates].map(([gate, sums]) => rowOf({ ...nowhere, scope: 'gate', gate }, sums)),
    ...[...replayThroughout].map(([gate, sums]) => rowOf({ ...nowhere, scope: 'throughout', gate }, sums)),
    ...[...slices.values()].map(({ gate, dimension, value, sums }) =>
      rowOf({ scope: 'slice', gate, dimension, value }, sums),
    ),
    ...[...cells.values()].map(({ gate, kind, discovery, confirmation }) => ({
      ...rowOf({ scope: 'cell', gate, dimension: '', value: JSON.stringify(kind) }, confirmation),
      discovery_units: discovery.units,
      discovery_exchanges: discovery.exchanges,
      discovery_sum: discovery.sum,
      discovery_squares: discovery.squares,
    })),
  ]
}

function rowOf(place: Place, sums: GateSums): SumsRow & DiscoveryRow {
  const { calm, values, sketches, candidate, reference } = sums
  return {
    ...place,
    units: sums.units,
    exchanges: sums.exchanges,
    marked: sums.marked,
    is_exact: values.isExact,
    points: [...values.counts.keys()],
    times: [...values.counts.values()],
    exchange_sum: sums.alone.sum,
    exchange_squares: sums.alone.squares,
    calm_units: calm?.units ?? null,
    calm_is_exact: calm?.values.isExact ?? true,
    calm_points: [...(calm?.values.counts.keys() ?? [])],
    calm_times: [...(calm?.values.counts.values() ?? [])],
    if_equal: sums.ifEqual,
    heaviest: sums.heaviest,
    lightest: sums.units === 0 ? 0 : sums.lightest,
    candidate_sum: candidate.sum,
    candidate_weight: candidate.weight,
    reference_sum: reference.sum,
    reference_weight: reference.weight,
    ...sketchColumns('candidate', sketches?.candidate),
    ...sketchColumns('reference', sketches?.reference),
    discovery_units: 0,
    discovery_exchanges: 0,
    discovery_sum: 0,
    discovery_squares: 0,
  }
}

/** JSON knows no infinity: the bin says that it is one. */
function sketchColumns<Arm extends string>(arm: Arm, sketch: QuantileSketch | undefined) {
  const { bins, counts, least } = sketchLists(sketch)
  return { [`${arm}_bins`]: bins, [`${arm}_counts`]: counts, [`${arm}_least`]: least } as Record<
    `${Arm}_${'bins' | 'counts' | 'least'}`,
    number[]
  >
}

export function sketchLists(sketch: QuantileSketch | undefined) {
  const bins = [...(sketch?.bins ?? [])].toSorted(([a], [b]) => a - b)
  return {
    bins: bins.map(([bin]) => bin),
    counts: bins.map(([, { count }]) => count),
    least: bins.map(([, { least }]) => (least === Infinity ? 0 : least)),
  }
}

const infinite = 2 ** 31 - 1

export function sketchFrom(width: number, { bins, counts, least }: ReturnType<typeof sketchLists>): QuantileSketch {
  return {
    width,
    bins: new Map(
      bins.map((bin, index) => [bin, { count: counts[index]!, least: bin === infinite ? Infinity : least[index]! }]),
    ),
  }
}

/** The sums of stored rows that are of no cell. */
export function sumsOfRows(rows: Iterable<SumsRow>): Pick<CaseSums, 'gates' | 'replayThroughout' | 'slices'> {
  const read: Pick<CaseSums, 'gates' | 'replayThroughout' | 'slices'> = {
    gates: new Map(),
    replayThroughout: new Map(),
    slices: new Map(),
  }
  for (const row of rows) {
    const gate = GateName.parse(row.gate)
    const { scope, dimension, value } = row
    if (scope === 'gate') read.gates.set(gate, sumsIn(row, fine))
    else if (scope === 'throughout') read.replayThroughout.set(gate, sumsIn(row, fine))
    else {
      const slice: SliceSums = { gate, dimension, value, sums: sumsIn(row, coarse) }
      read.slices.set(JSON.stringify([gate, dimension, value]), slice)
    }
  }
  return read
}

/** Cells with the half that is searched alone: what confirms is read where it is asked for. */
export function cellsOfRows(rows: readonly DiscoveryRow[], gates: readonly Gate[]): CaseSums['cells'] {
  const cells: CaseSums['cells'] = new Map()
  for (const row of rows) {
    const gate = gates.find(({ name }) => name === row.gate)
    if (gate === undefined) continue
    const kind = JSON.parse(row.value) as (string | null)[]
    const discovery = {
      units: row.discovery_units,
      exchanges: row.discovery_exchanges,
      sum: row.discovery_sum,
      squares: row.discovery_squares,
    }
    cells.set(`${row.gate} ${row.value}`, { gate: gate.name, kind, discovery, confirmation: noSums(gate, coarse) })
  }
  return cells
}

/** Adds to cells what stored rows say that confirms. */
export function confirmCells(cells: CaseSums['cells'], rows: Iterable<SumsRow>): void {
  for (const row of rows) {
    const key = `${row.gate} ${row.value}`
    const cell = cells.get(key)
    if (cell === undefined || row.units === 0) continue
    const confirmation = sumsIn(row, coarse)
    mergeSums(confirmation, cell.confirmation)
    cells.set(key, { ...cell, confirmation })
  }
}

function sumsIn(row: SumsRow, { width, grid }: Precision): GateSums {
  const hasSketches = row.candidate_bins.length > 0
  const sketchOf = (arm: 'candidate' | 'reference') =>
    sketchFrom(width, { bins: row[`${arm}_bins`], counts: row[`${arm}_counts`], least: row[`${arm}_least`] })
  return {
    units: row.units,
    exchanges: row.exchanges,
    marked: row.marked,
    values: valuesOf(grid, row.is_exact, row.points, row.times),
    alone: { sum: row.exchange_sum, squares: row.exchange_squares },
    calm:
      row.calm_units === null
        ? null
        : { units: row.calm_units, values: valuesOf(grid, row.calm_is_exact, row.calm_points, row.calm_times) },
    ifEqual: row.if_equal,
    heaviest: row.heaviest,
    lightest: row.units === 0 ? Infinity : row.lightest,
    candidate: { sum: row.candidate_sum, weight: row.candidate_weight },
    reference: { sum: row.reference_sum, weight: row.reference_weight },
    sketches: hasSketches ? { candidate: sketchOf('candidate'), reference: sketchOf('reference') } : null,
  }
}

function valuesOf(grid: Grid, isExact: boolean, points: readonly number[], times: readonly number[]): ValueCounts {
  const counts = new Map<number, number>()
  for (let i = 0; i < points.length; i += 1) counts.set(points[i]!, times[i]!)
  return { grid, isExact, counts }
}
