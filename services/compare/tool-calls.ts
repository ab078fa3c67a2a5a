import { type ToolCall } from '../../shared/contracts/answer.ts'
import { compareFields } from './json/compare-fields.ts'
import { readJsonText } from './json/read.ts'
import { type Finding } from './rungs/rung.ts'
import { type Covering, counts, marked } from './waivers/covering.ts'
import { fMeasure } from './text/tokens.ts'

export type ToolComparison = {
  /** F1 over the calls, a matched call counting by the share of its arguments that agree. */
  f1: number
  /** As `f1`, where a waived difference is as if it were not there. */
  waivedF1: number
  /** Share of the arguments that agree, over the calls that both make; null where there are none. */
  argumentAccuracy: number | null
  differences: Finding[]
  /** Where the calls differ, each once: `create_refund/amount`; the name alone for a whole call. */
  paths: string[]
}

type Match = { agreement: number; waivedAgreement: number; differences: Finding[]; paths: string[] }
type Candidate = Match & { call: ToolCall; other: ToolCall }

/** Beyond so many calls, which no real turn has, the rest is left unmatched. */
const maxCalls = 32

/**
 * The calls of two answers. Order is free, because parallel calls have none; calls of one name are matched best agreement
 * first. Arguments of the arm alone count against it: a tool is handed all of them. Texts beside the calls are not compared.
 */
export function compareToolCalls(
  served: readonly ToolCall[],
  arm: readonly ToolCall[],
  covering: Covering | null = null,
): ToolComparison {
  const [missing, added] = [new Set(served), new Set(arm)]
  const matches = candidates(served.slice(0, maxCalls), arm.slice(0, maxCalls), covering).filter(({ call, other }) => {
    return missing.has(call) && added.has(other) && missing.delete(call) && added.delete(other)
  })
  const agreement = matches.reduce((total, match) => total + match.agreement, 0)
  const alone = [...missing, ...added].map(({ name }) => name)
  const gone = marked(
    [...missing].map((call) => difference('tool_missing', `did not call ${call.name}`, call, null)),
    covering,
  )
  const fresh = marked(
    [...added].map((call) =>
      difference('tool_added', `called ${call.name}, which the served answer did not`, null, call),
    ),
    covering,
  )
  return {
    f1: fMeasure(agreement, served.length, arm.length),
    waivedF1: f1Of(
      matches.reduce((total, match) => total + match.waivedAgreement, 0),
      matches.length + gone.filter(counts).length,
      matches.length + fresh.filter(counts).length,
    ),
    argumentAccuracy: matches.length === 0 ? null : agreement / matches.length,
    differences: marked([...gone, ...matches.flatMap((match) => match.differences), ...fresh], covering),
    paths: [...new Set([...alone, ...matches.flatMap(({ paths }) => paths)])],
  }
}

/** Where every call that was missing or added is waived, none is left to speak against the arm. */
const f1Of = (agreement: number, served: number, arm: number): number =>
  served + arm === 0 ? 1 : fMeasure(agreement, served, arm)

/** Every pair of calls with one name, the best first. */
function candidates(served: ToolCall[], arm: ToolCall[], covering: Covering | null): Candidate[] {
  const pairs = served.flatMap((call) =>
    arm
      .filter(({ name }) => name === call.name)
      .map((other) => ({
        call,
        other,
        ...compareArguments(call, other, covering),
      })),
  )
  return pairs.toSorted((left, right) => right.agreement - left.agreement)
}

/** Arguments that are no JSON object agree only as the same text. */
function compareArguments(call: ToolCall, other: ToolCall, covering: Covering | null): Match {
  if (call.argumentsText === other.argumentsText)
    return { agreement: 1, waivedAgreement: 1, differences: [], paths: [] }
  const [left, right] = [call, other].map(({ argumentsText }) => readJsonText(argumentsText.trim() || '{}'))
  if (left?.form !== 'strict' || right?.form !== 'strict') {
    const differences = marked([difference('arguments', `other arguments for ${call.name}`, call, other)], covering)
    return { agreement: 0, waivedAgreement: differences.every(counts) ? 0 : 1, differences, paths: [call.name] }
  }
  const inTool = (each: Finding): Finding => ({
    ...each,
    rung: 'tools',
    // A tool is handed every argument, also those that the served call left out.
    severity: each.kind === 'added' ? ('harmful' as const) : each.severity,
    message: `${call.name}: ${each.message}`,
  })
  const compared = compareFields(left.value, right.value, covering && ((each) => covering(inTool(each))))
  return {
    agreement: compared.agreement,
    paths: compared.paths().map((path) => `${call.name}${path}`),
    waivedAgreement: compared.waivedAgreement,
    differences: compared.differences().map(inTool),
  }
}

function difference(kind: string, message: string, served: ToolCall | null, arm: ToolCall | null): Finding {
  return { rung: 'tools', kind, severity: 'harmful', path: null, message, served: written(served), arm: written(arm) }
}

const written = (call: ToolCall | null): string | null => call && `${call.name}(${call.argumentsText})`
