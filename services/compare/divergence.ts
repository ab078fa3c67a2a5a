import { isIdentical } from './identical.ts'
import { labelOf } from './label.ts'
import { type Pair } from './pair.ts'
import { chrf } from './text/chrf.ts'

/**
 * `D = 1 − s`: how far the arm's answer is from the served one. `s` is, for tool calls, their F1; for JSON, the share of
 * fields of either document that agree; for a label, 1 or 0; for text, the F of ROUGE-L, or chrF where ROUGE is not
 * applicable. It says how different two answers are, not which is better.
 */
export function divergenceOf(pair: Pair): number {
  return isIdentical(pair.served, pair.arm) ? 0 : 1 - similarity(pair)
}

function similarity(pair: Pair): number {
  const tools = pair.tools()
  if (tools !== null) return tools.f1
  if (pair.task === 'label') return labelOf(pair.served.text) === labelOf(pair.arm.text) ? 1 : 0
  // Where the served answer is no JSON either, the two are texts.
  if (pair.task === 'json' && pair.servedJson() !== null) return pair.fields()?.agreement ?? 0
  return pair.rouge()?.rougeL ?? chrf(pair.served.text, pair.arm.text)
}
