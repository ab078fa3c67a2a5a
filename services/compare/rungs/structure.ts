import { type FieldComparison } from '../json/compare-fields.ts'
import { labelAndRest, labelOf } from '../label.ts'
import { compareTexts } from '../meaning/compare-texts.ts'
import { type Pair } from '../pair.ts'
import { isAboutJson } from './format.ts'
import { counts } from '../waivers/covering.ts'
import { agreed, broken, type Decision, type Finding, type PairOutcome, type Rung } from './rung.ts'

/** Decides wherever a tool is called: text beside a call is compared only for facts that may veto. */
export const tools: Rung = (pair) => {
  const compared = pair.tools()
  if (compared === null) return null
  const veto = vetoBeside(pair, pair.served.text, pair.arm.text)
  if (veto !== null) return { ...veto, differences: [...compared.differences, ...veto.differences] }
  const isBeside = pair.served.text.trim() !== pair.arm.text.trim()
  return decided('tools', compared.waivedF1, compared.differences, isBeside ? 'harmless' : 'same')
}

export const json: Rung = (pair) => {
  const fields: FieldComparison | null = isAboutJson(pair) ? pair.fields() : null
  if (fields === null) return null
  const isVetoed = pair.factVeto === 'all' && fields.isContradicted()
  return decided('json', isVetoed ? 0 : fields.waivedQuality, fields.differences(), 'same')
}

/** Texts beside what decides, where one contradicts the other and that is to count. */
function vetoBeside({ factVeto }: Pair, served: string, arm: string): Decision | null {
  if (factVeto !== 'all' || served.trim() === '' || arm.trim() === '') return null
  const { quality, differences } = compareTexts(served, arm)
  return quality === 0 ? { decidedBy: 'facts', outcome: 'harmful', quality: 0, differences } : null
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
  if (labelOf(pair.served.text) !== labelOf(pair.arm.text)) return broken('label', 'label', 'another label', pair)
  const [served, arm] = [labelAndRest(pair.served.text).rest, labelAndRest(pair.arm.text).rest]
  return vetoBeside(pair, served, arm) ?? agreed('label', served === arm ? 'same' : 'harmless')
}
