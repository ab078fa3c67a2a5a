import { type ToolCall } from '../../shared/contracts/answer.ts'
import { type Difference } from '../../shared/contracts/comparison.ts'
import { compareFields } from './json/compare-fields.ts'
import { readJsonText } from './json/read.ts'
import { fMeasure } from './text/tokens.ts'

export type ToolComparison = {
  /** F1 over the calls, a matched call counting by the share of its arguments that agree. */
  f1: number
  differences: Difference[]
}

type Match = { agreement: number; differences: Difference[] }

/** Beyond so many calls, which no real turn has, the rest is left unmatched. */
const maxCalls = 64

/**
 * The calls of two answers. Order is free, because parallel calls have none; each served call is matched with the arm's
 * free call of the same name whose arguments agree most. Arguments of the arm alone count against it: a tool is handed all
 * of them. Texts beside the calls are not compared.
 */
export function compareToolCalls(served: readonly ToolCall[], arm: readonly ToolCall[]): ToolComparison {
  const free = new Set(arm.slice(0, maxCalls))
  const matches = served.slice(0, maxCalls).map((call) => matchOf(call, free))
  const agreement = matches.reduce((total, match) => total + match.agreement, 0)
  return {
    f1: fMeasure(agreement, served.length, arm.length),
    differences: [
      ...matches.flatMap((match) => match.differences),
      ...[...free].map((call) => difference(`called ${call.name}, which the served answer did not`, null, call)),
    ],
  }
}

function matchOf(call: ToolCall, free: Set<ToolCall>): Match {
  let best: { other: ToolCall; match: Match } | undefined
  for (const other of free) {
    if (other.name !== call.name) continue
    const match = compareArguments(call, other)
    if (best === undefined || match.agreement > best.match.agreement) best = { other, match }
    if (match.agreement === 1) break
  }
  if (best === undefined) return { agreement: 0, differences: [difference(`did not call ${call.name}`, call, null)] }
  free.delete(best.other)
  return best.match
}

/** Arguments that are no JSON object agree only as the same text. */
function compareArguments(call: ToolCall, other: ToolCall): Match {
  if (call.argumentsText === other.argumentsText) return { agreement: 1, differences: [] }
  const [left, right] = [call, other].map(({ argumentsText }) => readJsonText(argumentsText.trim() || '{}'))
  if (left?.form !== 'strict' || right?.form !== 'strict') {
    return { agreement: 0, differences: [difference(`other arguments for ${call.name}`, call, other)] }
  }
  const { agreement, differences } = compareFields(left.value, right.value)
  return {
    agreement,
    differences: differences.map((each) => ({ ...each, rung: 'tools', message: `${call.name}: ${each.message}` })),
  }
}

function difference(message: string, served: ToolCall | null, arm: ToolCall | null): Difference {
  return { rung: 'tools', path: null, message, served: written(served), arm: written(arm) }
}

const written = (call: ToolCall | null): string | null => call && `${call.name}(${call.argumentsText})`
