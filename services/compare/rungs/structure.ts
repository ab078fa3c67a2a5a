import { type FieldComparison } from '../json/compare-fields.ts'
import { labelOf } from '../label.ts'
import { isAboutJson } from './format.ts'
import { counts } from '../waivers/covering.ts'
import { agreed, broken, type Decision, type Finding, type PairOutcome, type Rung } from './rung.ts'

/** Decides wherever a tool is called: text beside a call is not compared. */
export const tools: Rung = (pair) => {
  const compared = pair.tools()
  if (compared === null) return null
  const isBeside = pair.served.text.trim() !== pair.arm.text.trim()
  return decided('tools', compared.waivedF1, compared.differences, isBeside ? 'harmless' : 'same')
}

export const json: Rung = (pair) => {
  const fields: FieldComparison | null = isAboutJson(pair) ? pair.fields() : null
  return fields && decided('json', fields.waivedQuality, fields.differences(), 'same')
}

function decided(rung: string, quality: number, differences: Finding[], best: 'same' | 'harmless'): Decision {
  const isWaived = !differences.every(counts)
  const outcome = gravest(differences.filter(counts), quality < 1 ? 'harmful' : isWaived ? 'harmless' : best)
  return { decidedBy: outcome === 'unsure' ? 'text' : rung, outcome, quality, differences }
}

const order: readonly PairOutcome[] = ['same', 'harmless', 'unsure', 'harmful']

function gravest(differences: Finding[], start: PairOutcome): PairOutcome {
  return order[Math.max(order.indexOf(start), ...differences.map(({ severity }) => order.indexOf(severity)))]!
}

export const label: Rung = (pair) => {
  if (pair.task !== 'label') return null
  const isSame = labelOf(pair.served.text) === labelOf(pair.arm.text)
  return isSame ? agreed('label', 'same') : broken('label', 'label', 'another label', pair)
}
