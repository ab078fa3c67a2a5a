/** Between two categories, given by their places in `0…k−1`: 1 where they are the same, less the further apart. */
export type Weighting = 'none' | 'linear' | 'quadratic'

export type Kappa = { kappa: number; standardError: number; agreement: number }

/**
 * Cohen's kappa of two raters over categories `0…categories−1`: `(p_o − p_e)/(1 − p_e)`, with weights
 * `1 − |i−j|/(k−1)` or its square for ordered ones. Null without ratings, or where chance alone agrees always.
 * Source: Cohen (1960, 1968); standard error by Fleiss, Cohen and Everitt (1969).
 */
export function cohenKappa(
  ratings: readonly (readonly [number, number])[],
  categories: number,
  weighting: Weighting = 'none',
): Kappa | null {
  const n = ratings.length
  if (n === 0) return null
  const every = Array.from({ length: categories }, (_, index) => index)
  const share = every.map(() => every.map(() => 0))
  for (const [first, second] of ratings) share[first]![second]! += 1 / n
  const rows = share.map((row) => row.reduce((sum, value) => sum + value, 0))
  const columns = every.map((j) => share.reduce((sum, row) => sum + row[j]!, 0))
  const weight = weightOf(weighting, categories)
  const total = (term: (i: number, j: number) => number) =>
    every.reduce((sum, i) => sum + every.reduce((inner, j) => inner + term(i, j), 0), 0)
  const observed = total((i, j) => weight(i, j) * share[i]![j]!)
  const expected = total((i, j) => weight(i, j) * rows[i]! * columns[j]!)
  if (expected >= 1) return null
  const kappa = (observed - expected) / (1 - expected)
  const ofRow = every.map((i) => every.reduce((sum, j) => sum + columns[j]! * weight(i, j), 0))
  const ofColumn = every.map((j) => every.reduce((sum, i) => sum + rows[i]! * weight(i, j), 0))
  const spread = total((i, j) => share[i]![j]! * (weight(i, j) - (ofRow[i]! + ofColumn[j]!) * (1 - kappa)) ** 2)
  const variance = (spread - (kappa - expected * (1 - kappa)) ** 2) / (n * (1 - expected) ** 2)
  return { kappa, standardError: Math.sqrt(Math.max(0, variance)), agreement: observed }
}

function weightOf(weighting: Weighting, categories: number): (i: number, j: number) => number {
  if (weighting === 'none') return (i, j) => Number(i === j)
  const power = weighting === 'linear' ? 1 : 2
  return (i, j) => 1 - (Math.abs(i - j) / (categories - 1)) ** power
}

export type Scale = 'nominal' | 'ordinal' | 'interval'

/**
 * Krippendorff's alpha: `1 − D_o/D_e` from the coincidences of values within units, for any number of raters and with
 * ratings missing. `units`: the ratings each unit has got; those with fewer than two say nothing. Null where no two values
 * differ. Source: Krippendorff, Content Analysis (2018), chapter 12.
 */
export function krippendorffAlpha(units: readonly (readonly number[])[], scale: Scale): number | null {
  const paired = units.filter((ratings) => ratings.length >= 2)
  const values = [...new Set(paired.flat())].toSorted((a, b) => a - b)
  const place = new Map(values.map((value, index) => [value, index]))
  const coincidences = values.map(() => values.map(() => 0))
  for (const ratings of paired) {
    for (const [i, a] of ratings.entries()) {
      for (const [j, b] of ratings.entries()) {
        if (i !== j) coincidences[place.get(a)!]![place.get(b)!]! += 1 / (ratings.length - 1)
      }
    }
  }
  const totals = coincidences.map((row) => row.reduce((sum, value) => sum + value, 0))
  const all = totals.reduce((sum, value) => sum + value, 0)
  const distance = distanceOf(scale, values, totals)
  let [observed, expected] = [0, 0]
  for (const i of values.keys()) {
    for (const j of values.keys()) {
      observed += coincidences[i]![j]! * distance(i, j)
      expected += (totals[i]! * totals[j]! * distance(i, j)) / (all - 1)
    }
  }
  return expected === 0 ? null : 1 - observed / expected
}

/** Squared distance of two values, given by their places. Ordinal: by how many ratings lie between them. */
function distanceOf(
  scale: Scale,
  values: readonly number[],
  totals: readonly number[],
): (i: number, j: number) => number {
  if (scale === 'nominal') return (i, j) => Number(i !== j)
  if (scale === 'interval') return (i, j) => (values[i]! - values[j]!) ** 2
  return (i, j) => {
    const between = totals.slice(Math.min(i, j), Math.max(i, j) + 1).reduce((sum, value) => sum + value, 0)
    return i === j ? 0 : (between - (totals[i]! + totals[j]!) / 2) ** 2
  }
}

export type SampledRating = { first: number; second: number; weight: number }

/**
 * Cohen's kappa of two raters over categories `0…categories−1`, of answers that were sampled with unequal chances: shares are weighted by
 * `weight`, the inverse of the chance. Standard error by linearisation, `Σ (w (z − mean z) / Σ w)²` with
 * `z = (1{i=j} − (1 − κ)(p_·i + p_j·)) / (1 − p_e)`; with equal weights it is that of `cohenKappa`. Null without ratings, or where chance
 * alone agrees always. Source: Fleiss, Cohen and Everitt (1969); Lin, Kim and Williamson, Kappa statistic for survey data (2007).
 */
export function sampledKappa(ratings: readonly SampledRating[], categories: number): Kappa | null {
  const weights = ratings.reduce((sum, { weight }) => sum + weight, 0)
  if (!(weights > 0)) return null
  const [rows, columns] = [Array<number>(categories).fill(0), Array<number>(categories).fill(0)]
  let observed = 0
  for (const { first, second, weight } of ratings) {
    rows[first]! += weight / weights
    columns[second]! += weight / weights
    if (first === second) observed += weight / weights
  }
  const expected = rows.reduce((sum, share, index) => sum + share * columns[index]!, 0)
  // Of shares that were added up: one category alone is 1 but for rounding.
  if (expected >= 1 - 1e-12) return null
  const kappa = (observed - expected) / (1 - expected)
  const influence = ({ first, second }: SampledRating) =>
    (Number(first === second) - (1 - kappa) * (columns[first]! + rows[second]!)) / (1 - expected)
  const mean = ratings.reduce((sum, rating) => sum + (rating.weight / weights) * influence(rating), 0)
  const variance = ratings.reduce(
    (sum, rating) => sum + ((rating.weight / weights) * (influence(rating) - mean)) ** 2,
    0,
  )
  return { kappa, standardError: Math.sqrt(variance), agreement: observed }
}
