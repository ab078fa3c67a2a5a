import { type Answer, type ToolCall } from '../../shared/contracts/answer.ts'
import { type Body } from '../../shared/contracts/body.ts'
import { keptBody, maskedBody, withheldBody, type WholeBody } from './body.ts'
import { type Redaction } from './redact.ts'
import { redactJson } from './redact-json.ts'

export type CaptureMode = 'full' | 'redacted' | 'metadata'

/**
 * A JSON body with its string values masked. What is not whole JSON cannot be masked surely (a secret may be escaped,
 * cut or in another encoding), so only its size and hash are kept.
 */
export function redactBody(body: WholeBody, redaction: Redaction): Body {
  if (body.sizeBytes === 0) return keptBody(body)
  if (body.text === null || body.truncated || !(body.isJson || isJson(body.text))) return withheldBody(body)
  if (!redaction.mayFindIn(body.text)) return keptBody(body)
  const masked = redactJson(body.text, (text) => redaction.text(text))
  return masked === body.text ? keptBody(body) : maskedBody(masked)
}

/**
 * The bytes of an event stream, kept only where nothing in them had to be masked: a secret may be split over deltas, and
 * a stream cannot be masked without inventing other deltas. `answerChanged`: the accumulated answer did hold one.
 */
export function redactStream(body: WholeBody, answerChanged: boolean, redaction: Redaction): Body {
  if (answerChanged || body.text === null || body.truncated) return withheldBody(body)
  if (!redaction.mayFindIn(body.text)) return keptBody(body)
  return body.text.split(/[\r\n]+/).some((line) => lineFinds(line, redaction)) ? withheldBody(body) : keptBody(body)
}

function lineFinds(line: string, redaction: Redaction): boolean {
  const data = line.replace(/^data: ?/, '')
  if (!isJson(data)) return redaction.finds(line)
  let found = false
  redactJson(data, (text) => {
    found ||= redaction.finds(text)
    return text
  })
  return found
}

/** The answer itself where nothing in it had to be masked. */
export function redactAnswer(answer: Answer, redaction: Redaction): Answer {
  let isChanged = false
  const noted = (value: string, masked: string) => {
    isChanged ||= masked !== value
    return masked
  }
  const text = (value: string) => noted(value, redaction.text(value))
  const nullable = (value: string | null) => (value === null ? null : text(value))
  const call = (tool: ToolCall) => ({
    ...tool,
    argumentsText: noted(tool.argumentsText, redactJsonOrText(tool.argumentsText, redaction)),
  })
  const redacted = {
    ...answer,
    text: text(answer.text),
    thinkingText: text(answer.thinkingText),
    refusalText: nullable(answer.refusalText),
    stopSequence: nullable(answer.stopSequence),
    toolCalls: answer.toolCalls.map(call),
    serverToolCalls: answer.serverToolCalls.map(call),
    error: answer.error === null ? null : { ...answer.error, message: nullable(answer.error.message) },
  }
  return isChanged ? redacted : answer
}

/** Counts, names and outcomes without a word of the content. */
export function withoutContent(answer: Answer): Answer {
  return {
    ...answer,
    text: '',
    thinkingText: '',
    refusalText: answer.refusalText === null ? null : '',
    stopSequence: null,
    toolCalls: answer.toolCalls.map(withoutArguments),
    serverToolCalls: answer.serverToolCalls.map(withoutArguments),
    error: answer.error === null ? null : { ...answer.error, message: null },
  }
}

function withoutArguments(tool: ToolCall): ToolCall {
  return { ...tool, argumentsText: '' }
}

function redactJsonOrText(text: string, redaction: Redaction): string {
  if (!redaction.mayFindIn(text)) return text
  return isJson(text) ? redactJson(text, (value) => redaction.text(value)) : redaction.text(text)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
