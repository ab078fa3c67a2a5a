import { type Answer, type ToolCall, type Usage } from '../contracts/answer.ts'
import { type JsonObject } from './dialect.ts'
import { type AnswerDetails } from './draft-answer.ts'
import { classifyError } from './error-class.ts'
import { isObject, parseJson } from './json.ts'

/** An answer in the neutral words of the wire cases, whatever dialect it came in: for people and for conformance checks. */
export function describeAnswer(answer: Answer, details: AnswerDetails, status: number) {
  const { error } = answer
  const failure = error === null ? null : classifyError(status, error)
  return {
    complete: answer.complete,
    outcome: answer.outcome,
    comparable: isComparable(answer),
    finish: answer.finish,
    nativeFinish: answer.nativeFinish,
    stopSequence: answer.stopSequence,
    responseId: details.responseId,
    model: answer.model,
    serviceTier: answer.serviceTier,
    text: answer.text,
    thinkingText: answer.thinkingText,
    answerText: answer.text,
    messages: details.messages.length > 0 ? details.messages : [{ phase: null, text: answer.text }],
    refused: answer.outcome === 'refused',
    refusalText: answer.refusalText,
    refusalCategory: details.refusalCategory,
    toolCalls: answer.toolCalls.map(describeCall),
    toolCallsRaw: answer.toolCalls.map((call) => call.argumentsText),
    serverToolCalls: answer.serverToolCalls.map(describeCall),
    thinkingSignatures: details.thinkingSignatures,
    vectors: details.vectors.map((vector) => (vector === null ? null : [...vector])),
    usage: describeUsage(answer.usage),
    anomalies: answer.anomalies,
    errorType: error?.type ?? null,
    errorCode: error?.code ?? null,
    errorMessage: error?.message ?? null,
    errorClass: failure?.errorClass ?? null,
    retryable: failure?.retryable ?? null,
  }
}

export type DescribedAnswer = ReturnType<typeof describeAnswer>

/** A final answer that can be held against another one. */
function isComparable(answer: Answer): boolean {
  return answer.complete && answer.outcome !== 'error' && answer.outcome !== 'paused'
}

/** `arguments` is null where their text is no JSON object. */
function describeCall({ id, name, argumentsText }: ToolCall): {
  id: string | null
  name: string
  arguments: JsonObject | null
} {
  const value = argumentsText.trim() === '' ? {} : parseJson(argumentsText)
  return { id, name, arguments: isObject(value) ? value : null }
}

/** Null where nothing at all is known: unknown is not 0. */
function describeUsage(usage: Usage) {
  if (Object.values(usage).every((value) => value === null)) return null
  const { inputTokens, cachedInputTokens, cacheWriteInputTokens, cacheWriteLongInputTokens } = usage
  const cached = (cachedInputTokens ?? 0) + (cacheWriteInputTokens ?? 0)
  const isSplit = cacheWriteInputTokens !== null && cacheWriteLongInputTokens !== null
  return {
    inputTotal: inputTokens,
    inputUncached: inputTokens === null ? null : inputTokens - cached,
    cacheRead: cachedInputTokens,
    cacheWrite: cacheWriteInputTokens,
    /** With the short and the long time to live: 5 minutes and 1 hour, or what the vendor has instead. */
    cacheWrite5m: isSplit ? cacheWriteInputTokens - cacheWriteLongInputTokens : null,
    cacheWrite1h: cacheWriteLongInputTokens,
    outputTotal: usage.outputTokens,
    reasoning: usage.reasoningTokens,
  }
}
