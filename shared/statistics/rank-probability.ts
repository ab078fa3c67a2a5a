export type Ranked = { value: number; isPositive: boolean; weight: number }

/**
 * Chance that the value of a positive is above that of a negative, ties counting half: the area under the ROC curve. 0.5 says nothing, 0
 * is the wrong way round. `weight`: inverse inclusion probability. Null without a positive or a negative.
 * Source: Mann and Whitney (1947); Hanley and McNeil (1982).
 */
export function rankProbability(sample: readonly Ranked[]): number | null {
  const sorted = sample.toSorted((a, b) => a.value - b.value)
  let [negativesBelow, won, positives, negatives] = [0, 0, 0, 0]
  for (let from = 0; from < sorted.length;) {
    let to = from
    let [tiedPositives, tiedNegatives] = [0, 0]
    while (to < sorted.length && sorted[to]!.value === sorted[from]!.value) {
      const { isPositive, weight } = sorted[to++]!
      if (isPositive) tiedPositives += weight
      else tiedNegatives += weight
    }
    won += tiedPositives * (negativesBelow + tiedNegatives / 2)
    negativesBelow += tiedNegatives
    positives += tiedPositives
    negatives += tiedNegatives
    from = to
  }
  return positives > 0 && negatives > 0 ? won / (positives * negatives) : null
}
