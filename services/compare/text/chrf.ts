const maxChars = 10_000
const maxOrder = 6
const beta = 2

/**
 * chrF (Popović 2015) as sacreBLEU has it by default, in [0, 1]: character n-grams of 1 to 6 without white space, by code
 * point, case kept. The served text is the reference. Works for every script. Reads the first 10,000 characters.
 */
export function chrf(reference: string, hypothesis: string): number {
  const [left, right] = [charactersOf(reference), charactersOf(hypothesis)]
  let [precision, recall, orders] = [0, 0, 0]
  for (let order = 1; order <= maxOrder; order++) {
    const [expected, found] = [grams(left, order), grams(right, order)]
    if (expected.size === 0 || found.size === 0) continue
    const matched = matches(expected, found)
    precision += matched / (right.length - order + 1)
    recall += matched / (left.length - order + 1)
    orders++
  }
  if (precision + recall === 0) return 0
  const [meanPrecision, meanRecall] = [precision / orders, recall / orders]
  return ((1 + beta ** 2) * meanPrecision * meanRecall) / (beta ** 2 * meanPrecision + meanRecall)
}

function charactersOf(text: string): string[] {
  return Array.from(text.slice(0, maxChars).replaceAll(/\s+/g, ''))
}

function grams(characters: string[], order: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (let at = 0; at + order <= characters.length; at++) {
    const gram = characters.slice(at, at + order).join('')
    counts.set(gram, (counts.get(gram) ?? 0) + 1)
  }
  return counts
}

function matches(expected: Map<string, number>, found: Map<string, number>): number {
  let matched = 0
  for (const [gram, count] of found) matched += Math.min(count, expected.get(gram) ?? 0)
  return matched
}
