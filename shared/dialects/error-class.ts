import { type AnswerError } from '../contracts/answer.ts'

/** What an error means for whoever asked, and whether asking the same again may help. */
export type ErrorClass =
  | 'credentials_rejected'
  | 'model_not_found'
  | 'overloaded'
  | 'quota'
  | 'rate_limited'
  | 'request_invalid_for_candidate'
  | 'server_error'
  | 'timeout'

/** The words come first: `insufficient_quota` is a 429, a credit balance too low a 400, and errors within streams a 200. */
const byWords: [RegExp, ErrorClass][] = [
  [/insufficient_quota|billing|credit balance|exceeded_current_quota/, 'quota'],
  [/model_not_found|not_found_error/, 'model_not_found'],
  [/authentication_error|invalid_api_key|permission_error/, 'credentials_rejected'],
  [/rate_limit/, 'rate_limited'],
  [/overloaded/, 'overloaded'],
  [/timeout_error/, 'timeout'],
  [/invalid_request|request_too_large/, 'request_invalid_for_candidate'],
]
const byStatus = new Map<number, ErrorClass>([
  [401, 'credentials_rejected'],
  [402, 'quota'],
  [403, 'credentials_rejected'],
  [404, 'model_not_found'],
  [408, 'timeout'],
  [409, 'server_error'],
  [429, 'rate_limited'],
  [503, 'overloaded'],
  [504, 'timeout'],
  [529, 'overloaded'],
])
const retryable = new Set<ErrorClass>(['overloaded', 'rate_limited', 'server_error', 'timeout'])

export function classifyError(status: number, error: AnswerError): { errorClass: ErrorClass; retryable: boolean } {
  const words = [error.type, error.code, error.message].join(' ').toLowerCase()
  const said = byWords.find(([pattern]) => pattern.test(words))?.[1]
  const isRefusal = status >= 400 && status < 500
  const errorClass = said ?? byStatus.get(status) ?? (isRefusal ? 'request_invalid_for_candidate' : 'server_error')
  return { errorClass, retryable: retryable.has(errorClass) }
}
