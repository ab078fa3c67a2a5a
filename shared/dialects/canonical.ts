import { type Loss } from '../contracts/observation.ts'
import { type Json, type JsonObject } from './dialect.ts'

export type TextPart = { type: 'text'; text: string }
export type ImagePart = {
  type: 'image'
  source: { url: string } | { mediaType: string; data: string }
  /** The resolution it is to be read at; null: the model's choice. */
  detail: string | null
}
/** A PDF: its address, which is never fetched here, or its bytes in base64. */
export type DocumentPart = { type: 'document'; name: string | null; source: { url: string } | { data: string } }
export type ToolCallPart = { type: 'tool_call'; id: string; name: string; argumentsText: string }
export type ToolResultPart = {
  type: 'tool_result'
  callId: string
  content: (TextPart | ImagePart | DocumentPart)[]
  isError: boolean
}
export type Part = TextPart | ImagePart | DocumentPart | ToolCallPart | ToolResultPart

export type Turn = { role: 'system' | 'user' | 'assistant'; parts: Part[] }
export type Tool = { name: string; description: string | null; schema: JsonObject | null; strict: boolean }
export type ToolChoice = { kind: 'auto' | 'required' | 'none' } | { kind: 'named'; name: string }
export type Format =
  | { kind: 'json_object' }
  | { kind: 'json_schema'; schema: JsonObject; name: string | null; description: string | null; strict: boolean }

/** From least to most; each model knows some of them. */
export const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
export type Effort = (typeof efforts)[number]

/**
 * A request in the words all dialects share. Null: not asked for. What a dialect says beyond this is a loss, reported
 * by the reader (content) or by the writer (parameters).
 */
export type CanonicalRequest = {
  model: string | null
  /** System prompt in front of the conversation. */
  system: string[]
  turns: Turn[]
  tools: Tool[] | null
  toolChoice: ToolChoice | null
  parallelToolCalls: boolean | null
  maxTokens: number | null
  temperature: number | null
  topP: number | null
  topK: number | null
  stop: string[] | null
  format: Format | null
  effort: Effort | null
  /** How much to say: `low`, `medium`, `high`. */
  verbosity: string | null
  stream: boolean
  /** Parameters only the recorded dialect has. */
  others: Map<string, Json>
}

export type Losses = { add(loss: Loss): void; list(): Loss[] }

/** One loss per parameter and kind; of two, the graver one stays. */
export function createLosses(): Losses {
  const known = new Map<string, Loss>()
  return {
    add(loss) {
      const key = `${loss.parameter} ${loss.kind}`
      if (known.get(key)?.severity !== 'material') known.set(key, loss)
    },
    list: () => [...known.values()],
  }
}

/** Ends a translation that would ask something else than was asked. Caught in `translate`, seen nowhere else. */
export class Obstacle extends Error {
  readonly reason: 'untranslatable' | 'not_replayable'

  constructor(reason: 'untranslatable' | 'not_replayable', detail: string) {
    super(detail)
    this.reason = reason
  }
}

export function untranslatable(detail: string): never {
  throw new Obstacle('untranslatable', detail)
}

export function notReplayable(detail: string): never {
  throw new Obstacle('not_replayable', detail)
}
