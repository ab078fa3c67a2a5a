import { GateName } from '../../../shared/contracts/verdict.ts'
import { type QuantileSketch } from '../../../shared/statistics/quantile-sketch.ts'
import { type ValueCounts } from '../../../shared/statistics/value-counts.ts'
import { type CaseSums, type SliceSums } from './case-sums.ts'
import { coarse, fine, type GateSums } from './gate-sums.ts'

export type Scope = 'gate' | 'throughout' | 'slice' | 'cell'

/** The columns of `campaign_sums` that hold what was added up, in the order of a stored row. */
export const sumsColumns = [
  'scope',
  'gate',
  'dimension',
  'value',
  'is_discovery',
  'units',
  'exchanges',
  'marked',
  'is_exact',
  'points',
  'times',
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
  is_discovery: boolean
  units: number
  exchanges: number
  marked: number
  is_exact: boolean
  points: number[]
  times: number[]
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

type Place = Pick<SumsRow, 'scope' | 'gate' | 'dimension' | 'value' | 'is_discovery'>

const nowhere = { dimension: '', value: '', is_discovery: false }

export function rowsOfSums({
  gates,
  replayThroughout,
  slices,
  cells,
}: Omit<CaseSums, 'tally' | 'chargedAt'>): SumsRow[] {
  return [
    ...[...gates].map(([gate, sums]) => rowOf({ ...nowhere, scope: 'gate', gate }, sums)),
    ...[...replayThroughout].map(([gate, sums]) => rowOf({ ...nowhere, scope: 'throughout', gate }, sums)),
    ...[...slices.values()].map(({ gate, dimension, value, sums }) =>
      rowOf({ scope: 'slice', gate, dimension, value, is_discovery: false }, sums),
    ),
    ...[...cells.values()].map(({ gate, isDiscovery, kind, sums }) =>
      rowOf({ scope: 'cell', gate, dimension: '', value: JSON.stringify(kind), is_discovery: isDiscovery }, sums),
    ),
  ]
}

function rowOf(place: Place, sums: GateSums): SumsRow {
  const { calm, values, sketches, candidate, reference } = sums
  return {
    ...place,
    units: sums.units,
    exchanges: sums.exchanges,
    marked: sums.marked,
    is_exact: values.isExact,
    points: [...values.counts.keys()],
    times: [...values.counts.values()],
    calm_units: calm?.units ?? null,
    calm_is_exact: calm?.values.isExact ?? true,
    calm_points: [...(calm?.values.counts.keys() ?? [])],
    calm_times: [...(calm?.values.counts.values() ?? [])],
    if_equal: sums.ifEqual,
    heaviest: sums.heaviest,
    lightest: sums.lightest,
    candidate_sum: candidate.sum,
    candidate_weight: candidate.weight,
    reference_sum: reference.sum,
    reference_weight: reference.weight,
    ...sketchColumns('candidate', sketches?.candidate),
    ...sketchColumns('reference', sketches?.reference),
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
  const bins = [...(sketch?.bins ?? [])]
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

/** The sums of stored rows. */
export function sumsOfRows(rows: Iterable<SumsRow>): Pick<CaseSums, 'gates' | 'replayThroughout' | 'slices' | 'cells'> {
  const read: Pick<CaseSums, 'gates' | 'replayThroughout' | 'slices' | 'cells'> = {
    gates: new Map(),
    replayThroughout: new Map(),
    slices: new Map(),
    cells: new Map(),
  }
  for (const row of rows) {
    const gate = GateName.parse(row.gate)
    const { scope, dimension, value } = row
    if (scope === 'gate') read.gates.set(gate, sumsIn(row, fine))
    else if (scope === 'throughout') read.replayThroughout.set(gate, sumsIn(row, fine))
    else if (scope === 'slice') {
      const slice: SliceSums = { gate, dimension, value, sums: sumsIn(row, coarse) }
      read.slices.set(JSON.stringify([gate, dimension, value]), slice)
    } else {
      const kind = JSON.parse(value) as (string | null)[]
      const isDiscovery = Boolean(row.is_discovery)
      const key = `${gate} ${JSON.stringify([isDiscovery, ...kind])}`
      read.cells.set(key, { gate, isDiscovery, kind, sums: sumsIn(row, coarse) })
    }
  }
  return read
}

function sumsIn(row: SumsRow, width: number): GateSums {
  const hasSketches = row.candidate_bins.length > 0
  const sketchOf = (arm: 'candidate' | 'reference') =>
    sketchFrom(width, { bins: row[`${arm}_bins`], counts: row[`${arm}_counts`], least: row[`${arm}_least`] })
  return {
    units: row.units,
    exchanges: row.exchanges,
    marked: row.marked,
    values: valuesOf(row.is_exact, row.points, row.times),
    calm:
      row.calm_units === null
        ? null
        : { units: row.calm_units, values: valuesOf(row.calm_is_exact, row.calm_points, row.calm_times) },
    ifEqual: row.if_equal,
    heaviest: row.heaviest,
    lightest: row.lightest,
    candidate: { sum: row.candidate_sum, weight: row.candidate_weight },
    reference: { sum: row.reference_sum, weight: row.reference_weight },
    sketches: hasSketches ? { candidate: sketchOf('candidate'), reference: sketchOf('reference') } : null,
  }
}

function valuesOf(isExact: boolean, points: readonly number[], times: readonly number[]): ValueCounts {
  const counts = new Map<number, number>()
  for (let i = 0; i < points.length; i += 1) counts.set(points[i]!, times[i]!)
  return { isExact: Boolean(isExact), counts }
}
