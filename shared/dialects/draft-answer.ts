import { type Answer, type AnswerError, type AnswerOutcome, type Finish, type ToolCall } from '../contracts/answer.ts'
import { type Usage } from '../contracts/answer.ts'

const maxAnomalies = 32

/** What an answer tells beyond the record: for a person who looks at one answer. */
export type AnswerDetails = {
  responseId: string | null
  refusalCategory: string | null
  thinkingSignatures: string[]
  /** Responses only: what is said on the way and at last are messages of their own. */
  messages: { phase: string | null; text: string }[]
  /** Embeddings only; null for one that is not readable. */
  vectors: (Float32Array | null)[]
}

/** An answer while it is being read. `finishAnswer` turns it into the record. */
export type DraftAnswer = {
  model: string | null
  finish: Finish | null
  nativeFinish: string | null
  stopSequence: string | null
  text: string[]
  thinkingText: string[]
  refusalText: string | null
  toolCalls: ToolCall[]
  serverToolCalls: ToolCall[]
  usage: Usage
  serviceTier: string | null
  complete: boolean
  anomalies: Set<string>
  error: AnswerError | null
  details: AnswerDetails
}

export const unknownUsage: Readonly<Usage> = Object.freeze({
  inputTokens: null,
  cachedInputTokens: null,
  cacheWriteInputTokens: null,
  cacheWriteLongInputTokens: null,
  outputTokens: null,
  reasoningTokens: null,
})

export function draftAnswer(): DraftAnswer {
  return {
    model: null,
    finish: null,
    nativeFinish: null,
    stopSequence: null,
    text: [],
    thinkingText: [],
    refusalText: null,
    toolCalls: [],
    serverToolCalls: [],
    usage: unknownUsage,
    serviceTier: null,
    complete: false,
    anomalies: new Set(),
    error: null,
    details: { responseId: null, refusalCategory: null, thinkingSignatures: [], messages: [], vectors: [] },
  }
}

/** Keeps a departure from the wire format. Names may come from the wire, so their form and number are bounded. */
export function noteAnomaly(draft: DraftAnswer, name: string, detail?: string): void {
  if (draft.anomalies.size >= maxAnomalies) return
  const safe = detail?.replaceAll(/[^\w.-]/g, '_').slice(0, 40)
  draft.anomalies.add(safe === undefined ? name : `${name}:${safe}`)
}

export function finishAnswer(draft: DraftAnswer): Answer {
  const { details: _, ...record } = draft
  // A stream may end well and yet have said nothing at all.
  const empty = draft.complete && draft.nativeFinish === null && !hasContent(draft)
  if (empty && draft.error === null) {
    noteAnomaly(draft, 'empty_answer')
    draft.error = { type: null, code: null, message: 'the answer ended without content and without a finish reason' }
  }
  return {
    ...record,
    outcome: outcomeOf(draft),
    text: draft.text.join(''),
    thinkingText: draft.thinkingText.join(''),
    anomalies: [...draft.anomalies],
  }
}

function outcomeOf(draft: DraftAnswer): AnswerOutcome {
  if (draft.error !== null) return 'error'
  if (!draft.complete) return 'incomplete_stream'
  if (draft.finish === 'content_filter' || draft.refusalText !== null) return 'refused'
  if (draft.finish === 'length') return 'truncated_by_limit'
  return draft.finish === 'pause' ? 'paused' : 'ok'
}

function hasContent(draft: DraftAnswer): boolean {
  const said = draft.text.some((piece) => piece !== '') || draft.refusalText !== null
  // Vectors are an answer too, one without words.
  return said || [draft.toolCalls, draft.serverToolCalls, draft.details.vectors].some((each) => each.length > 0)
}
