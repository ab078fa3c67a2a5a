import { type PromptFacts } from '../../../../../shared/contracts/report.ts'
import { type Verdict } from '../../../../../shared/contracts/verdict.ts'
import { finding } from '../../../sentence.ts'
import { count, counted, gateTitles, span, usd } from '../../../words.ts'

/** Why the verdict is what it is, in a sentence that needs no statistics. */
export function whyOf(verdict: Verdict): string {
  const { reason, candidate, gates, decidingGate } = verdict
  const deciding = gates.find(({ gate }) => gate === decidingGate)
  if (deciding === undefined) return withoutVerdictWord(verdict.sentence)
  const seen = capital(finding(deciding, candidate))
  const margin = `Allowed: ${deciding.margin}.`
  if (reason === 'all_gates_inside') {
    const blocking = gates.filter((gate) => gate.blocking && gate.state === 'inside').length
    return `All ${blocking} gates that count are kept. The closest call is ${gateTitles[deciding.gate]}: ${finding(deciding, candidate)}. ${margin}`
  }
  if (reason === 'gate_outside_margin') return `${seen}. ${margin}`
  if (reason === 'evidence_not_yet_decisive' && deciding.state !== 'no_data')
    return `The evidence on ${gateTitles[deciding.gate]} does not settle it yet. So far ${finding(deciding, candidate)}. ${margin}`
  return withoutVerdictWord(verdict.sentence)
}

/** What would make it another verdict, and what that takes. */
export function whatWouldChange(verdict: Verdict, now: Date): string {
  const { moreNeeded, gates } = verdict
  if (verdict.verdict === 'go')
    return 'Nothing more is needed. Later traffic could still push a gate over its margin, and changing the model, its prompt or a margin starts the evidence afresh.'
  if (verdict.verdict === 'no_go')
    return 'More of the same traffic will not change it: the evidence is decisive. Another model or prompt would, or a wider margin decided on beforehand; either is a new attempt with fresh evidence.'
  if (moreNeeded === null) return adviceOf[verdict.reason] ?? 'More traffic.'
  if (moreNeeded.atObservedRate === null)
    return `More traffic alone is not expected to settle ${gateTitles[moreNeeded.gate]}: at the rate seen so far its evidence does not grow towards GO. A candidate that is better in it, or a wider margin decided on beforehand, would; either is a new attempt.`
  const unit = gates.find(({ gate }) => gate === moreNeeded.gate)?.unit ?? 'conversation'
  const { days, costUsd } = moreNeeded
  const when = days === null ? '' : `, around ${dayOf(days, now)} at the present rate of traffic (${span(days)})`
  const price = costUsd === null ? '' : `; asking both models that often costs about ${usd(costUsd)}`
  return `About ${counted(moreNeeded.atObservedRate, `more ${unit}`)}${when}${price}. That is an estimate, not a promise.`
}

/** How far on the way to a decision, as units that are there of units that it takes; null where nobody can tell. */
export function progressOf({
  verdict,
  moreNeeded,
  gates,
}: Verdict): { units: number; needed: number; words: string } | null {
  if (verdict !== 'inconclusive' || moreNeeded === null || moreNeeded.atObservedRate === null) return null
  const gate = gates.find((each) => each.gate === moreNeeded.gate)
  if (gate === undefined) return null
  const needed = gate.units + moreNeeded.atObservedRate
  return { units: gate.units, needed, words: `${count(gate.units)} of about ${counted(needed, gate.unit)}` }
}

/** Routes where it keeps up and where it does not, by estimate; null where it loses nowhere. */
export function whereItLoses(prompts: readonly PromptFacts[]): string | null {
  const routesOf = (...efforts: PromptFacts['effort'][]) => [
    ...new Set(prompts.filter(({ effort }) => efforts.includes(effort)).map(({ route }) => route)),
  ]
  const [lost, kept] = [routesOf('minor', 'rework'), routesOf('as_is')]
  if (lost.length === 0) return null
  return `By estimate it loses on ${listed(lost)}${kept.length === 0 ? '' : ` and keeps up on ${listed(kept)}`}.`
}

const listed = (names: readonly string[]) =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

const adviceOf: Partial<Record<Verdict['reason'], string>> = {
  no_comparisons: 'Traffic. The first pairs show here within seconds of the first request through the tap.',
  replay_not_faithful: 'Repair the control (provider, credentials, parameters): more traffic will not help.',
  ledger_does_not_balance: 'Find out where exchanges went missing: the flow below shows the stage.',
  too_few_days: 'Time: the traffic of more days, as the config asks for.',
  too_much_left_out: 'Limit the candidate to routes that it can serve, or change what these requests use.',
  incidents_too_long: 'A control that carries this traffic: see to its provider and limits.',
  scores_unusable: 'Have the exchanges that are named asked and compared again.',
  no_blocking_gate: 'A margin to keep: set blocking on the gates that matter.',
  arms_identical: 'See that candidate and control really are two models.',
  most_units_reached:
    'Nothing: as many conversations as were agreed on have been counted. Another attempt can be begun.',
}

function dayOf(days: number, now: Date): string {
  const date = new Date(now.getTime() + days * 86_400_000)
  return days < 1
    ? `${date.toISOString().slice(11, 16)} UTC`
    : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' })
}

const withoutVerdictWord = (sentence: string) => capital(sentence.replace(/^(GO|NO-GO|INCONCLUSIVE)[^:]*: /, ''))

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
