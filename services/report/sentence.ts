import { type GateName, type GateResult, type Verdict, type VerdictReason } from '../../shared/contracts/verdict.ts'
import { type Coverage } from './coverage.ts'
import { type Decision } from './decision.ts'
import { minUnits } from './evidence.ts'
import { counted, declaredPercent, gateTitles, natural, percent, sliceTitle, span, unknown, usd } from './words.ts'

export type SentenceFacts = {
  candidate: string
  alpha: number
  campaign: Verdict['campaign']
  slices: Verdict['slices']
  except: Verdict['except']
  /** Exchanges with a measure that is none. */
  broken: { count: number; first: string | null }
  /** By incidents of the control. */
  shareLeftOut: number
  days: number
  minDays: number
  maxUnits: number | undefined
  missing: number
  coverage: Coverage
  notComparable: Verdict['comparisons']['notComparableByReason']
}

/** The verdict in plain words: what was decided, why, and what it takes to know more. */
export function sentenceOf(decision: Decision, facts: SentenceFacts): string {
  const deciding = decision.gates.find(({ gate }) => gate === decision.decidingGate)
  return sentences[decision.reason](facts, deciding, decision)
}

type Sentence = (facts: SentenceFacts, deciding: GateResult | undefined, decision: Decision) => string

const sentences: Record<VerdictReason, Sentence> = {
  no_comparisons: (facts) =>
    `INCONCLUSIVE: there is nothing to compare yet: ${afterAChange(facts.campaign) ?? mostlyBecause(facts)}.`,
  replay_not_faithful: ({ candidate }, deciding) =>
    `INCONCLUSIVE: the replay is not faithful${deciding ? `: ${finding(deciding, candidate)}` : ''}. Repair the control (provider, credentials, parameters) and start again.`,
  ledger_does_not_balance: ({ missing }) =>
    `INCONCLUSIVE: the ledger does not balance: ${counted(missing, 'exchange')} went missing between the stages, so no verdict is drawn from the rest.`,
  too_few_units: (_, deciding) =>
    `INCONCLUSIVE: it is early: ${deciding ? gateTitles[deciding.gate] : 'a gate'} has ${counted(deciding?.units ?? 0, deciding?.unit === 'hour' ? 'hour' : 'closed conversation')} of the ${minUnits} that a verdict needs${waitingFor(deciding)}.`,
  too_few_days: ({ days, minDays }) => `INCONCLUSIVE: ${span(days)} of traffic, and gates.minDays asks for ${minDays}.`,
  gate_outside_margin: ({ candidate }, deciding) => `NO-GO: ${deciding ? outsideMargin(deciding, candidate) : ''}.`,
  too_much_left_out: ({ candidate, coverage }) =>
    `INCONCLUSIVE: ${percent(coverage.untranslated)} of the requests could not be put to ${candidate} as they are (${coverage.untranslatedReasons.join(', ')}), so what was compared may not speak for the rest. Limit ${candidate} to the routes that it can serve (candidates[].routes), or change what these requests use.`,
  incidents_too_long: ({ shareLeftOut, candidate }) =>
    `INCONCLUSIVE: the served model asked again failed in incidents that cover ${percent(shareLeftOut)} of the exchanges, so the rest may not speak for ${candidate}. See that the control’s provider and limits carry this traffic.`,
  scores_unusable: ({ broken }) =>
    `INCONCLUSIVE: ${counted(broken.count, 'comparison')} (the first of exchange ${broken.first ?? unknown}) with a score that is no number from 0 to 1, or a time or cost that is none: in no gate, and no GO is drawn beside them. Have these exchanges asked and compared again.`,
  no_blocking_gate: () =>
    'INCONCLUSIVE: no gate is blocking, so there is no margin to keep: set blocking on the gates that matter.',
  arms_identical: ({ candidate }) =>
    `INCONCLUSIVE: ${candidate} and the served model asked again have the same value in every measure of every exchange, so nothing shows that two models were asked. See that the columns of one are not a copy of the other’s, or add one that tells them apart, such as a latency or a cost.`,
  all_gates_inside: ({ candidate, alpha, campaign, slices, except, coverage }, _, { gates }) =>
    `GO${exceptWords(except)}: ${candidate} is inside its margin on every blocking gate${scope(coverage)}${offIn(gates)}${harmed(except, slices, candidate)}. With at most ${alphaWords(alpha)} probability would this evidence have arisen if any blocking metric were worse than its margin on this traffic${inAll(campaign)}.`,
  evidence_not_yet_decisive: ({ candidate }, deciding, decision) =>
    `INCONCLUSIVE: ${deciding ? undecided(deciding, decision, candidate) : ''}.`,
  most_units_reached: ({ candidate, maxUnits }, deciding, { resolvable }) =>
    `INCONCLUSIVE, and that is final: the ${counted(maxUnits ?? 0, 'conversation')} of gates.maxUnits are reached. ${deciding ? capital(unsettled(deciding, candidate)) : ''}.${resolvable === undefined ? '' : ` So many show a distance to the margin of ${(resolvable * 100).toFixed(1)} hundredths in four cases of five.`} More traffic does not count; other margins or another candidate are another attempt.`,
}

/** `5 %` as declared, `3.04 %` where it is a part. */
const alphaWords = (alpha: number) => declaredPercent(Number(alpha.toPrecision(3)))

function inAll(campaign: Verdict['campaign']): string {
  if (campaign === null) return ''
  const others = campaign.competing > 1 ? ` with each of the ${campaign.competing} competing candidates` : ''
  return ` (${declaredPercent(campaign.alphaInAll)} over all attempts${others})`
}

const exceptWords = (except: Verdict['except']) =>
  except.length === 0 ? '' : ` except ${except.map(sliceTitle).join('; ')}`

/** Why the traffic left out stays with the served model. */
function harmed(except: Verdict['except'], slices: Verdict['slices'], name: string): string {
  const reasons = except.flatMap((slice) => {
    const all = [...(slices?.declared ?? []), ...(slices?.found ?? [])]
    const worst = all.find((each) => each.dimension === slice.dimension && each.value === slice.value)?.gates[0]
    return worst === undefined ? [] : [`; keep the served model on ${sliceTitle(slice)}: ${finding(worst, name)}`]
  })
  return reasons.join('')
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** A config that was changed begins anew: said, so that nobody looks for the evidence of before. */
function afterAChange(campaign: Verdict['campaign']): string | null {
  if (campaign === null || campaign.attempt === 1) return null
  const changes = campaign.attempts.at(campaign.attempt - 1)?.changes.join('; ') ?? ''
  const counts =
    campaign.startedAt === null
      ? 'begins when record or report next starts with this config'
      : `counts exchanges captured after ${(campaign.countsFrom ?? campaign.startedAt).slice(0, 16).replace('T', ' ')} UTC`
  return `attempt ${campaign.attempt} (${changes}) ${counts}`
}

/** Below this share of comparable exchanges, GO says what it speaks for. */
const fullCoverage = 0.99

function scope({ compared }: Coverage): string {
  return compared >= fullCoverage ? '' : `, on the ${percent(compared)} of the exchanges that could be compared`
}

/** What GO says nothing about. */
function offIn(gates: readonly GateResult[]): string {
  const off = gates.filter(({ state }) => state === 'off').map(({ gate }) => gateTitles[gate])
  return off.length === 0 ? '' : ` (not measured and not part of it: ${off.join(', ')})`
}

/** A gate without units says what it waits for. */
function waitingFor(result: GateResult | undefined): string {
  return result?.units === 0 && result.notes[0] !== undefined ? ` (${result.notes[0]})` : ''
}

function mostlyBecause({ notComparable }: SentenceFacts): string {
  const [reason, seen] = Object.entries(notComparable).toSorted(([, a], [, b]) => b - a)[0] ?? []
  if (reason === undefined || seen === undefined) return 'no exchange has been replayed for this candidate'
  return `no exchange is comparable, most often (${counted(seen, 'exchange')}) because of ${reason}`
}

function outsideMargin(result: GateResult, candidate: string): string {
  return `${gateTitles[result.gate]} is outside its margin: ${finding(result, candidate)}; the margin: ${result.margin}`
}

function unsettled(result: GateResult, candidate: string): string {
  const title = gateTitles[result.gate]
  if (result.state === 'no_data')
    return `${title} has no data (${result.notes[0] ?? 'no pairs'}), and absent data passes no gate`
  return `${title} is not settled: ${finding(result, candidate)}; the margin: ${result.margin}`
}

function undecided(result: GateResult, { moreNeeded }: Decision, candidate: string): string {
  const so = unsettled(result, candidate)
  if (result.state === 'no_data') return so
  if (moreNeeded === null || moreNeeded.atObservedRate === null)
    return `${so}. At the rate seen so far it is not expected to reach GO`
  const { atObservedRate, exchanges, days, costUsd } = moreNeeded
  const that = [
    ...(exchanges === null ? [] : [counted(exchanges, 'exchange')]),
    ...(days === null ? [] : [`${span(days)} at the present rate of traffic`]),
    ...(costUsd === null ? [] : [`${usd(costUsd)} for candidate and control`]),
  ]
  const inOtherWords = that.length === 0 ? '' : ` (${that.join(', ')})`
  return `${so}. About ${counted(atObservedRate, `more ${result.unit}`)}${inOtherWords} if the evidence keeps growing as it has`
}

/** What the numbers of a gate say, on its natural scale. */
export function finding(result: Pick<GateResult, 'gate' | 'natural'>, name: string): string {
  const { candidate, reference, unit } = result.natural
  const [ours, theirs] = [natural(candidate, unit), natural(reference, unit)]
  // A quantile that falls on failures has no number.
  const against = theirs === unknown ? '' : `, the served model asked at the same moment ${theirs}`
  return findings[result.gate]({ name, ours: ours === unknown ? 'no finite time' : ours, theirs, against })
}

type Words = { name: string; ours: string; theirs: string; against: string }

const findings: Record<GateName, (words: Words) => string> = {
  quality: ({ name, ours, theirs }) =>
    `${name} keeps ${ours} of the served answers’ facts and fields where the served model itself keeps ${theirs}`,
  divergence: ({ name, ours, theirs }) =>
    `${name} is ${ours} away from the served answers where the served model itself is ${theirs} away`,
  errors: ({ name, ours, against }) => `${name} fails on ${ours} of the requests${against}`,
  errorCeiling: ({ name, ours }) => `${name} fails on ${ours} of the requests`,
  ttftP50: ({ name, ours, against }) => `${name} takes ${ours} to its first token in the median${against}`,
  ttftP95: ({ name, ours, against }) => `${name} takes ${ours} to its first token at p95${against}`,
  totalP95: ({ name, ours, against }) => `${name} takes ${ours} in all at p95${against}`,
  cost: ({ name, ours, against }) => `${name} costs ${ours} per request${against}`,
  replayLow: ({ ours, theirs }) =>
    `the answers of the served model asked again are ${ours} sound, live they were ${theirs}`,
  replayHigh: ({ ours, theirs }) =>
    `the answers of the served model asked again are ${ours} sound, live they were only ${theirs}`,
}
