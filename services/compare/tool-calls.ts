import { type ToolCall } from '../../shared/contracts/answer.ts'
import { compareFields } from './json/compare-fields.ts'
import { readJsonText } from './json/read.ts'
import { type Finding } from './rungs/rung.ts'
import { fMeasure } from './text/tokens.ts'

export type ToolComparison = {
  /** F1 over the calls, a matched call counting by the share of its arguments that agree. */
  f1: number
  /** Share of the arguments that agree, over the calls that both make; null where there are none. */
  argumentAccuracy: number | null
  differences: Finding[]
  /** Where the calls differ, each once: `create_refund/amount`; the name alone for a whole call. */
  paths: string[]
}

type Match = { agreement: number; differences: Finding[]; paths: string[] }
type Candidate = Match & { call: ToolCall; other: ToolCall }

/** Beyond so many calls, which no real turn has, the rest is left unmatched. */
const maxCalls = 32

/**
 * The calls of two answers. Order is free, because parallel calls have none; calls of one name are matched best agreement
 * first. Arguments of the arm alone count against it: a tool is handed all of them. Texts beside the calls are not compared.
 */
export function compareToolCalls(served: readonly ToolCall[], arm: readonly ToolCall[]): ToolComparison {
  const [missing, added] = [new Set(served), new Set(arm)]
  const matches = candidates(served.slice(0, maxCalls), arm.slice(0, maxCalls)).filter(({ call, other }) => {
    return missing.has(call) && added.has(other) && missing.delete(call) && added.delete(other)
  })
  const agreement = matches.reduce((total, match) => total + match.agreement, 0)
  const alone = [...missing, ...added].map(({ name }) => name)
  return {
    f1: fMeasure(agreement, served.length, arm.length),
    argumentAccuracy: matches.length === 0 ? null : agreement / matches.length,
    differences: [
      ...[...missing].map((call) => difference('tool_missing', `did not call ${call.name}`, call, null)),
      ...matches.flatMap((match) => match.differences),
      ...[...added].map((call) =>
        difference('tool_added', `called ${call.name}, which the served answer did not`, null, call),
      ),
    ],
    paths: [...new Set([...alone, ...matches.flatMap(({ paths }) => paths)])],
  }
}

/** Every pair of calls with one name, the best first. */
function candidates(served: ToolCall[], arm: ToolCall[]): Candidate[] {
  const pairs = served.flatMap((call) =>
    arm.filter(({ name }) => name === call.name).map((other) => ({ call, other, ...compareArguments(call, other) })),
  )
  return pairs.toSorted((left, right) => right.agreement - left.agreement)
}

/** Arguments that are no JSON object agree only as the same text. */
function compareArguments(call: ToolCall, other: ToolCall): Match {
  if (call.argumentsText === other.argumentsText) return { agreement: 1, differences: [], paths: [] }
  const [left, right] = [call, other].map(({ argumentsText }) => readJsonText(argumentsText.trim() || '{}'))
  if (left?.form !== 'strict' || right?.form !== 'strict') {
    const message = `other arguments for ${call.name}`
    return { agreement: 0, differences: [difference('arguments', message, call, other)], paths: [call.name] }
  }
  const compared = compareFields(left.value, right.value)
  return {
    agreement: compared.agreement,
    paths: compared.paths().map((path) => `${call.name}${path}`),
    differences: compared.differences().map((each) => ({
      ...each,
      rung: 'tools',
      // A tool is handed every argument, also those that the served call left out.
      severity: each.kind === 'added' ? ('harmful' as const) : each.severity,
      message: `${call.name}: ${each.message}`,
    })),
  }
}

function difference(kind: string, message: string, served: ToolCall | null, arm: ToolCall | null): Finding {
  return { rung: 'tools', kind, severity: 'harmful', path: null, message, served: written(served), arm: written(arm) }
}

const written = (call: ToolCall | null): string | null => call && `${call.name}(${call.argumentsText})`
