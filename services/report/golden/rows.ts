import { type GoldenItem, type GoldenRow } from '../../../shared/contracts/golden.ts'
import { readConversation } from '../../../shared/dialects/conversation.ts'
import { isObject, parseJson } from '../../../shared/dialects/json.ts'

/** Members of a request that hold what was said; the rest of it is how the model was set. */
const said = new Set(['messages', 'input', 'prompt', 'system', 'instructions'])

/** An item as people and other tools read it. */
export function rowOfItem(item: GoldenItem): GoldenRow {
  const { exchange, inclusionProbability } = item
  const { served, request } = exchange
  const body = request.body.data ?? ''
  const read = readConversation(exchange.dialect, { body, headers: request.headers })
  const turns = read?.turns ?? []
  const system = read === null || read.system === '' ? [] : [`system: ${read.system}`]
  return {
    id: exchange.exchangeId,
    split: item.split,
    stratum: item.stratum,
    weight: 1 / (inclusionProbability * exchange.sampleProbability),
    capturedAt: exchange.capturedAt,
    route: exchange.route,
    task: item.task,
    language: item.language,
    prompt: read === null ? body : (turns.at(-1) ?? '').replace(/^user: /, ''),
    context: [...system, ...turns.slice(0, -1)],
    modelConfig: configOf(exchange),
    groundTruth: item.groundTruth?.answer ?? null,
    servedOutput: outputOf(exchange),
    latencyMs: served.totalMs,
    ttftMs: served.ttftMs,
    inputTokens: served.answer?.usage.inputTokens ?? null,
    outputTokens: served.answer?.usage.outputTokens ?? null,
    automatedScores: item.automated,
    humanScores: item.human,
    notes: item.notes,
  }
}

function configOf({ upstream, dialect, served, request }: GoldenItem['exchange']): GoldenRow['modelConfig'] {
  const body = parseJson(request.body.data ?? '')
  const parameters = isObject(body) ? Object.entries(body).filter(([name]) => !said.has(name)) : []
  return {
    upstream,
    dialect,
    servedModel: served.answer?.model ?? null,
    ...Object.fromEntries(parameters),
  }
}

/** The text, else the refusal, then the tools that were called, as JSON. */
function outputOf({ served: { answer } }: GoldenItem['exchange']): string {
  if (answer === null) return ''
  const calls = answer.toolCalls.map(({ name, argumentsText }) =>
    JSON.stringify({ tool: name, arguments: argumentsText }),
  )
  return [answer.text || (answer.refusalText ?? ''), ...calls].filter((part) => part !== '').join('\n')
}
