import { mergeSketches, type QuantileSketch } from '../../../shared/statistics/quantile-sketch.ts'

/** Quantiles are at most so much of their value below the exact ones. */
const width = 0.01
// As `binOf` of a sketch numbers them.
const [infinite, zero] = [2 ** 31 - 1, -(2 ** 31)]

type Bins<Value> = [number[], Value[]]
/** Times in one row of SQL, by name: how many are in each bin, and the least of it, which JSON has no infinity for. */
export type SketchRow = Record<`${string}Counts`, Bins<number>> & Record<`${string}Least`, Bins<number | null>>

/** Columns of a `SketchRow`. */
export function sketchSql(value: string, within: string, name: string): string {
  const known = `assumeNotNull(${value})`
  const bin = `toInt32(multiIf(isInfinite(${known}), ${infinite}, ${known} <= 0, ${zero}, floor(log(${known}) / log1p(${width}))))`
  const condition = `${within} AND ${value} IS NOT NULL`
  return `
  sumMapIf([${bin}], [1.], ${condition}) AS ${name}Counts,
  minMapIf([${bin}], [${known}], ${condition}) AS ${name}Least`
}

export function sketchOf(rows: readonly SketchRow[], name: string): QuantileSketch {
  const whole: QuantileSketch = { width, bins: new Map() }
  for (const row of rows) {
    const [[keys, counts], [, least]] = [row[`${name}Counts`]!, row[`${name}Least`]!]
    const bins = keys.map((bin, index) => [bin, { count: counts[index]!, least: least[index] ?? Infinity }] as const)
    mergeSketches(whole, { width, bins: new Map(bins) })
  }
  return whole
}
