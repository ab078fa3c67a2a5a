import { type Answer } from '../contracts/answer.ts'
import { type FailureKind, type NotAskedReason } from '../contracts/observation.ts'
import { type Reply } from './adapter.ts'

/** What a reply counts as. */
export type Ruling =
  | { outcome: 'answered' }
  | { outcome: 'failed'; failureKind: FailureKind }
  | { outcome: 'not_asked'; notAskedReason: OwnFailure }

/**
 * Refusals that say nothing about the model: a wrong key, an unpaid bill, a model or an address that does not exist,
 * something the request points to that is gone. Counted against the candidate they would turn a typing mistake into
 * "this model is worse".
 */
export type OwnFailure = Extract<
  NotAskedReason,
  'credentials_rejected' | 'quota' | 'model_not_found' | 'not_replayable'
>

const answered: Ruling = { outcome: 'answered' }
const failed = (failureKind: FailureKind): Ruling => ({ outcome: 'failed', failureKind })
const ours = (notAskedReason: OwnFailure): Ruling => ({ outcome: 'not_asked', notAskedReason })

export function rule(reply: Reply): Ruling {
  if (reply.end === 'timeout') return failed('timeout')
  if (reply.end === 'address_refused') return ours('model_not_found')
  if (reply.status === null) return failed('connection')
  if (reply.status < 200 || reply.status > 299) return ofStatus(reply.status, reply.answer)
  if (reply.end === 'broken') return failed('incomplete_stream')
  return ofSuccess(reply)
}

/** Should the same call be made again? Never once a byte of an answer was received: that answer may be billed. */
export function mayRetry(reply: Reply): boolean {
  if (reply.end === 'timeout' || reply.end === 'address_refused') return false
  if (reply.status === null) return true
  if (reply.status >= 200 && reply.status <= 299) return reply.end === 'broken' && reply.sizeBytes === 0
  if (rule(reply).outcome === 'not_asked') return false
  return reply.retryAdvised ?? (reply.status >= 500 || [408, 409, 429].includes(reply.status))
}

/** Our account is not let in: no other call to the provider would fare better. */
export function isAccountFailure(ruling: Ruling): boolean {
  return ruling.outcome === 'not_asked' && ['credentials_rejected', 'quota'].includes(ruling.notAskedReason)
}

/** The provider is in trouble, whatever it was asked. A timeout may be the model's own slowness. */
export function isProviderFailure(ruling: Ruling): boolean {
  return ruling.outcome === 'failed' && ['connection', 'overloaded', 'server_error'].includes(ruling.failureKind)
}

/** A gateway that refuses one request for what it says answers 403, as for a key without permission. */
function isModeration(words: string): boolean {
  return /moderation|flagged|content[ _-](policy|filter|management)|guardrail|safety|harmful/.test(words)
}

/** What the request points to was there when it was served, and is no more: a file, an image, an earlier response. */
function isGone(words: string): boolean {
  return (
    /no such file|file[^.]{0,80}(not found|deleted|expired|does not exist)|invalid_image_url|previous[ _]response/.test(
      words,
    ) || /(error|fail|unable|timeout|timed out|could not|cannot)[^.]{0,40}(download|fetch|retriev)/.test(words)
  )
}

function ofStatus(status: number, answer: Answer | null): Ruling {
  const words = wordsOf(answer)
  // "Insufficient quota" comes as 429, "credit balance too low" as 400: the words are more precise than the status.
  if (status === 402 || /insufficient_quota|billing|credit balance|exceeded_current_quota/.test(words)) {
    return ours('quota')
  }
  if ((status === 400 || status === 404) && isGone(words)) return ours('not_replayable')
  if (status === 404 || words.includes('model_not_found')) return ours('model_not_found')
  if (status === 403 && isModeration(words)) return failed('bad_request')
  if (status === 401 || status === 403) return ours('credentials_rejected')
  if (status === 429) return failed('rate_limited')
  if (status === 503 || status === 529) return failed('overloaded')
  if (status === 408) return failed('timeout')
  if (status >= 500 || status === 409) return failed('server_error')
  // Neither an answer nor an error: a redirect, for one, which is never followed.
  return failed(status < 400 ? 'malformed_answer' : 'bad_request')
}

function ofSuccess({ answer, streamed, chunks }: Reply): Ruling {
  if (answer === null) return failed('malformed_answer')
  if (answer.outcome === 'incomplete_stream')
    return failed(chunks.length > 0 ? 'incomplete_stream' : 'malformed_answer')
  if (answer.outcome !== 'error') return answered
  const words = wordsOf(answer)
  if (words.includes('overloaded')) return failed('overloaded')
  if (words.includes('rate_limit')) return failed('rate_limited')
  const providerSaidSo = answer.error?.type !== null || answer.error.code !== null
  if (!providerSaidSo) return failed('malformed_answer')
  return failed(streamed ? 'stream_error' : 'server_error')
}

function wordsOf(answer: Answer | null): string {
  const error = answer?.error
  return [error?.type, error?.code, error?.message].join(' ').toLowerCase()
}
