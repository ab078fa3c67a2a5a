const maxChars = 10_000
const maxOrder = 4

/**
 * BLEU of one sentence, in [0, 1], as sacreBLEU has it with `use_effective_order`: exponential smoothing, 13a tokens, the
 * served text as the reference. Reads the first 10,000 characters. Its mean is not corpus BLEU.
 */
export function bleu(reference: string, hypothesis: string): number {
  const [expected, found] = [tokens13a(reference), tokens13a(hypothesis)]
  let [logs, orders, zeros, anyMatch] = [0, 0, 0, false]
  for (let order = 1; order <= maxOrder && found.length >= order; order++) {
    const total = found.length - order + 1
    const matched = sharedGrams(expected, found, order)
    if (matched > 0) anyMatch = true
    else zeros++
    logs += Math.log(matched > 0 ? matched / total : 1 / (2 ** zeros * total))
    orders++
  }
  if (!anyMatch) return 0
  const brevity = found.length < expected.length ? Math.exp(1 - expected.length / found.length) : 1
  return brevity * Math.exp(logs / orders)
}

function sharedGrams(expected: string[], found: string[], order: number): number {
  const counts = new Map<string, number>()
  for (const gram of grams(expected, order)) counts.set(gram, (counts.get(gram) ?? 0) + 1)
  let shared = 0
  for (const gram of grams(found, order)) {
    const count = counts.get(gram) ?? 0
    if (count === 0) continue
    counts.set(gram, count - 1)
    shared++
  }
  return shared
}

function* grams(tokens: string[], order: number): Generator<string> {
  for (let at = 0; at + order <= tokens.length; at++) yield tokens.slice(at, at + order).join(' ')
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
