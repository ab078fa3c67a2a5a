import { type GateResult, type LedgerLine, type Verdict } from '../../../shared/contracts/verdict.ts'
import { count, counted, declaredPercent, gateTitles, natural, percent, span, unknown } from '../words.ts'

export const stateTitles: Record<GateResult['state'], string> = {
  inside: 'inside',
  outside: 'OUTSIDE',
  undecided: 'undecided',
  no_data: 'no data',
  off: 'off',
}

/** The replay checks are about the control, so they stand apart from what the candidate is asked. */
export const isReplayCheck = ({ gate }: GateResult) => gate === 'replayLow' || gate === 'replayHigh'

/** E[Y] in hundredths, the margin at 0 and inside above it: `+3.1 [+2.1, +4.0]`. */
export function distance({ mean, lower, upper }: GateResult): string {
  if (mean === null || lower === null || upper === null) return unknown
  return `${signed(mean)} [${signed(lower)}, ${signed(upper)}]`
}

/** How many more conversations until GO at the rate seen so far. */
export function moreConversations({ state, more }: GateResult): string {
  if (state !== 'undecided' || more === null) return unknown
  return more.atObservedRate === null ? 'not in sight' : count(more.atObservedRate)
}

export function naturalPair({ natural: { candidate, reference, unit } }: GateResult): [string, string] {
  return [natural(candidate, unit), natural(reference, unit)]
}

/** One row of the list of candidates. */
export function overview({ decidingGate, gates, moreNeeded }: Verdict): {
  gate: string
  interval: string
  more: string
} {
  const deciding = gates.find(({ gate }) => gate === decidingGate)
  const more = moreNeeded?.atObservedRate
  return {
    gate: decidingGate === null ? unknown : gateTitles[decidingGate],
    interval: deciding ? distance(deciding) : unknown,
    more: moreNeeded === null ? unknown : more === null || more === undefined ? 'not in sight' : count(more),
  }
}

/** What was compared, when, and at which alpha. */
export function factsOf(verdict: Verdict): string[] {
  const { comparisons, units, from, to, days, alpha, moreNeeded, gates } = verdict
  const { compared, equivalent, different, failed, notComparable } = comparisons
  const share = (part: number) => (compared === 0 ? '' : ` (${percent(part / compared)})`)
  return [
    `${counted(compared, 'exchange')} compared: ${count(equivalent)} equivalent${share(equivalent)}, ${count(different)} different${share(different)}, ${count(failed)} failed${share(failed)}; ${count(notComparable)} not comparable`,
    `${counted(units.closed, 'conversation')} counted, ${count(units.open)} still open; alpha ${declaredPercent(alpha)}`,
    ...(from !== null && to !== null
      ? [`${minute(from)} to ${minute(to)} UTC: ${span(days)} of traffic${tapped(verdict)}`]
      : []),
    ...(moreNeeded === null ? [] : [moreWords(moreNeeded, gates)]),
  ]
}

/** Which part of the traffic was taken. */
function tapped({ tapRate }: Verdict): string {
  if (!tapRate) return ''
  const { lowest, highest, effectiveShare } = tapRate
  if (lowest === highest) return lowest === 1 ? ', all of it tapped' : `, ${declaredPercent(lowest)} of it tapped`
  return `, ${declaredPercent(lowest)} to ${declaredPercent(highest)} of it tapped (as much as ${percent(effectiveShare)} of so many at one rate)`
}

/** The three answers to "how many more", none of which is a promise. */
function moreWords({ gate, ...more }: NonNullable<Verdict['moreNeeded']>, gates: readonly GateResult[]): string {
  const unit = gates.find((result) => result.gate === gate)?.unit ?? 'conversation'
  const words = (units: number | null) => (units === null ? 'not in sight' : count(units))
  return `until GO ${gateTitles[gate]} needs more ${unit}s: ${words(more.atObservedRate)} at the rate seen, ${words(more.ifTrulyEqual)} if both arms are equal, ${words(more.atLowerBound)} if it is as bad as its interval allows`
}

/** What the columns of the gates mean, for readers who see them for the first time. */
export function legend({ alpha }: Verdict): string {
  return `served again: the served model, asked the same request at the same time. distance: how far inside (+) or outside (−) its margin a gate is, with an interval that holds at every look (${declaredPercent(1 - 2 * alpha)}). n: conversations. design effect: how many times the variance of as many exchanges that have nothing to do with each other. more needed: conversations until GO at the rate seen so far.`
}

export function ledgerTitle({ balanced, missing }: Verdict['ledger']): string {
  return balanced
    ? 'balanced: every exchange is accounted for'
    : `does not balance: ${counted(missing, 'exchange')} missing`
}

export function ledgerWords({ stage, arm, outcome, reason }: LedgerLine): [stage: string, outcome: string] {
  const words = outcome.replaceAll('_', ' ')
  return [
    arm === null || arm === '' ? stage : `${stage} ${arm}`,
    reason ? `${words}: ${reason.replaceAll('_', ' ')}` : words,
  ]
}

/** 2026-11-21T14:03:22.000Z as `2026-11-21 14:03`. */
export function minute(isoTime: string): string {
  return isoTime.slice(0, 16).replace('T', ' ')
}

function signed(value: number): string {
  const hundredths = value * 100
  const digits = Math.abs(hundredths) < 10 ? 2 : 1
  const text = Math.abs(hundredths).toFixed(digits)
  if (Number(text) === 0) return text
  return `${hundredths > 0 ? '+' : '−'}${text}`
}
