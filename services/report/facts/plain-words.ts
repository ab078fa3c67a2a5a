import { type CandidateFacts, type PromptFacts } from '../../../shared/contracts/report.ts'
import { type Verdict } from '../../../shared/contracts/verdict.ts'
import { count, gateTitles, percent, sliceTitle, usd } from '../words.ts'

/** What to do, in a sentence or three that need no statistics. Estimates are called so: only the verdict proves. */
export function plainWords(verdict: Verdict, facts: CandidateFacts | undefined): string[] {
  return [
    ...(verdict.comparisons.compared === 0 ? [] : [advice(verdict)]),
    ...(facts === undefined ? [] : [...whereItLoses(facts.prompts), ...money(facts)]),
  ]
}

function advice({ candidate, servedModels, verdict, gates, except }: Verdict): string {
  const served = servedModels.length === 0 ? 'the served model' : servedModels.join(', ')
  const kept = except.map(sliceTitle).join(', ')
  if (verdict === 'go' && kept !== '') return `${candidate} may replace ${served}, but keep ${served} on ${kept}.`
  if (verdict === 'go') return `${candidate} may replace ${served}.`
  if (verdict === 'inconclusive') return `Keep ${served} for now: whether ${candidate} may replace it is not settled.`
  const outside = gates.filter(({ blocking, state }) => blocking && state === 'outside')
  return `Keep ${served}: ${candidate} is outside the margin of ${outside.map(({ gate }) => gateTitles[gate]).join(', ')}.`
}

function whereItLoses(prompts: readonly PromptFacts[]): string[] {
  const kept = prompts.filter(({ effort }) => effort === 'as_is')
  const lost = prompts.filter(({ effort }) => effort === 'rework' || effort === 'minor')
  if (lost.length === 0) return []
  const losing = lost.map(
    ({ exchanges, worseShare, mostlyBy, ...which }) =>
      `${nameOf(which)} (worse on ${percent(worseShare)} of ${count(exchanges)}${mostlyBy === null ? '' : `, mostly by ${mostlyBy}`})`,
  )
  const works = kept.length === 0 ? '' : `works as it is on ${kept.map(nameOf).join(', ')}; `
  return [`By estimate it ${works}loses on ${losing.join(', ')}.`]
}

/** `support`, or `support · 3f2a91bc0d11` where a prompt of the route stands by itself. */
export function nameOf({ route, promptId }: Pick<PromptFacts, 'route' | 'promptId'>): string {
  return promptId === null ? route : `${route} · ${promptId}`
}

function money({ cost: { savingUsdPerMonth: saving, requestsPerMonth, paybackMonths } }: CandidateFacts): string[] {
  if (saving === null || requestsPerMonth === null || saving === 0) return []
  const what = saving > 0 ? `would save about ${usd(saving)}` : `would cost about ${usd(-saving)} more`
  const back = paybackMonths === null ? '' : `, which pays the migration back in ${paybackMonths.toFixed(1)} months`
  return [`At the rate seen (${count(Math.round(requestsPerMonth))} requests in 30 days) it ${what} a month${back}.`]
}
