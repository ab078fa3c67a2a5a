import { type PromptFacts } from '../../../shared/contracts/report.ts'
import { studentQuantile } from '../../../shared/statistics/student-t.ts'
import { displayAlpha } from './latency.ts'
import { type PromptSums } from './store-facts.ts'

/** Below it a group is sorted nowhere. */
const minExchanges = 30
/** With fewer conversations an interval is not worth the name. */
const minClusters = 10
/** How many margins a prompt may lose and still be a matter of its wording. */
const minorMargins = 3

/**
 * Each prompt by what it would take to move it; those that were seen rarely, with what is left of their route. A sorting of
 * estimates, to plan work by: only the verdict proves anything.
 */
export function promptFactsOf(sums: readonly PromptSums[], qualityMargin: number): PromptFacts[] {
  const groups = new Map<string, PromptSums>()
  for (const each of sums) {
    const isOwn = each.promptId !== '' && each.exchanges >= minExchanges
    const group = isOwn ? each : { ...each, promptId: '' }
    const key = JSON.stringify([group.route, group.promptId])
    const found = groups.get(key)
    groups.set(key, found === undefined ? group : together(found, group))
  }
  const order: PromptFacts['effort'][] = ['rework', 'minor', 'as_is', 'too_few']
  return [...groups.values()]
    .map((group) => factsOf(group, qualityMargin))
    .toSorted((a, b) => order.indexOf(a.effort) - order.indexOf(b.effort) || b.lost! - a.lost!)
}

function factsOf(group: PromptSums, qualityMargin: number): PromptFacts {
  const { route, promptId, exchanges, weight, controlQuality, worseWeight, worst } = group
  const { mean, lower, upper } = meanOf(group)
  const margin = qualityMargin * (controlQuality / weight)
  const fits = mean <= margin ? 'as_is' : mean <= minorMargins * margin ? 'minor' : 'rework'
  return {
    route,
    promptId: promptId === '' ? null : promptId,
    exchanges,
    lost: mean,
    lostLower: lower,
    lostUpper: upper,
    worseShare: worseWeight / weight,
    mostlyBy: heaviest(group.rungs),
    example: worst[0] < 0 ? worst[1] : null,
    effort: exchanges < minExchanges ? 'too_few' : fits,
  }
}

/** The mean with a standard error that allows for conversations, from sums: as `clusteredMean` has it from values. */
function meanOf({ clusters, lost, weight, lostLost, lostWeight, weightWeight }: PromptSums) {
  const mean = lost / weight
  if (clusters < minClusters) return { mean, lower: null, upper: null }
  const between = (lostLost - 2 * mean * lostWeight + mean * mean * weightWeight) / (weight * weight)
  const standardError = Math.sqrt(Math.max(0, (clusters / (clusters - 1)) * between))
  const half = studentQuantile(1 - displayAlpha, clusters - 1) * standardError
  return { mean, lower: mean - half, upper: mean + half }
}

function heaviest([rungs, weights]: PromptSums['rungs']): string | null {
  const ranked = rungs.map((rung, index) => ({ rung, weight: weights[index]! }))
  return ranked.toSorted((a, b) => b.weight - a.weight || (a.rung < b.rung ? -1 : 1))[0]?.rung ?? null
}

const summed = ['exchanges', 'clusters', 'lost', 'weight', 'lostLost', 'lostWeight', 'weightWeight'] as const
const summedToo = ['controlQuality', 'worseWeight'] as const

function together(a: PromptSums, b: PromptSums): PromptSums {
  const sums = Object.fromEntries([...summed, ...summedToo].map((name) => [name, a[name] + b[name]]))
  const rungs = new Map<string, number>()
  for (const [names, weights] of [a.rungs, b.rungs])
    for (const [index, name] of names.entries()) rungs.set(name, (rungs.get(name) ?? 0) + weights[index]!)
  const worst = a.worst[0] < b.worst[0] || (a.worst[0] === b.worst[0] && a.worst[1] < b.worst[1]) ? a.worst : b.worst
  return { ...a, ...sums, rungs: [[...rungs.keys()], [...rungs.values()]], worst }
}
