import { type Answer } from '../contracts/answer.ts'
import { type Dialect } from '../contracts/exchange.ts'
import { type Loss } from '../contracts/observation.ts'
import { type AnswerDetails } from './draft-answer.ts'

/** What JSON can hold. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** What a request asks for, told without translating it: read by the tap, compare and the demo. */
export type RequestFacts = {
  model: string | null
  streamed: boolean
  /** JSON was asked for: `schema` is the JSON Schema where one was given. */
  jsonExpected: boolean
  schema: JsonObject | null
  toolNames: string[]
  /** The caller's own handle on the user, where the body has one: `user`, `metadata.user_id`. */
  userKey: string | null
  /** Canonical text of the system prompt and the first user turn: the same through all turns of a conversation. */
  opening: string
}

/** Takes a streamed or a JSON answer as it arrives, split anywhere, and tells what was said. Never throws. */
export type Accumulator = {
  /** Decoded bytes (no content coding). Returns how many SSE events ended in this piece; 0 for a JSON answer. */
  push(bytes: Uint8Array): number
  /** The connection ended. */
  end(): Answer
  /** What the answer tells beyond the record, once it has ended. */
  details(): AnswerDetails
}

/** How an arm differs from what was served. */
export type Target = {
  dialect: Dialect
  /** Null: the recorded model. */
  model: string | null
  /** Replaces the system prompt; `{{system}}` stands for the recorded one. */
  system: string | null
  parameters: JsonObject
  /** `anthropic-version`; unsaid: that of the recorded call, or the newest under which nothing more is lost. */
  apiVersion?: string
}

export type Translation =
  | { ok: true; body: JsonObject; headers: Record<string, string>; losses: Loss[] }
  | { ok: false; reason: 'body_not_json' | 'untranslatable' | 'not_replayable'; detail: string }
