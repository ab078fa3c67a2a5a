const maxChars = 10_000
const maxOrder = 4

/**
 * BLEU of one sentence, in [0, 1], as sacreBLEU has it with `use_effective_order`: exponential smoothing, 13a tokens, the
 * served text as the reference. Reads the first 10,000 characters. Its mean is not corpus BLEU.
 */
export function bleu(reference: string, hypothesis: string): number {
  const known = new Map<string, number>()
  const [expected, found] = [numbered(tokens13a(reference), known), numbered(tokens13a(hypothesis), known)]
  let [ours, theirs] = [expected, found]
  let [logs, orders, zeros, anyMatch] = [0, 0, 0, false]
  for (let order = 1; order <= maxOrder && found.length >= order; order++) {
    if (order > 1) {
      const grams = new Map<number, number>()
      ours = longer(ours, expected, order, known.size, grams)
      theirs = longer(theirs, found, order, known.size, grams)
    }
    const total = found.length - order + 1
    const matched = sharedNumbers(ours, theirs)
    if (matched > 0) anyMatch = true
    else zeros++
    logs += Math.log(matched > 0 ? matched / total : 1 / (2 ** zeros * total))
    orders++
  }
  if (!anyMatch) return 0
  const brevity = found.length < expected.length ? Math.exp(1 - expected.length / found.length) : 1
  return brevity * Math.exp(logs / orders)
}

/** Each item's number: the same number, the same item. */
function numbered<Item>(items: readonly Item[], known: Map<Item, number>): number[] {
  return items.map((item) => {
    const number = known.get(item) ?? known.size
    if (number === known.size) known.set(item, number)
    return number
  })
}

/** Grams of an order as numbers: each is one of the order before and the token behind it, of which there are `count`. */
function longer(
  shorter: readonly number[],
  tokens: readonly number[],
  order: number,
  count: number,
  known: Map<number, number>,
): number[] {
  const keys: number[] = []
  for (let at = 0; at + order <= tokens.length; at++) keys.push(shorter[at]! * count + tokens[at + order - 1]!)
  return numbered(keys, known)
}

/** How many numbers two lists share, each counted as often as it occurs in both; all are below the number of items. */
function sharedNumbers(left: readonly number[], right: readonly number[]): number {
  const counts = new Int32Array(left.length + right.length)
  let shared = 0
  for (let at = 0; at < left.length; at++) counts[left[at]!]!++
  for (let at = 0; at < right.length; at++) if (counts[right[at]!]!-- > 0) shared++
  return shared
}

function tokens13a(text: string): string[] {
  const line = text
    .slice(0, maxChars)
    .trimEnd()
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
  return ` ${line} `
    .replaceAll(/([{-~[-` -&(-+:-@/])/g, ' $1 ')
    .replaceAll(/([^0-9])([.,])/gu, '$1 $2 ')
    .replaceAll(/([.,])([^0-9])/gu, ' $1 $2')
    .replaceAll(/([0-9])(-)/g, '$1 $2 ')
    .split(/\s+/)
    .filter((token) => token !== '')
}
