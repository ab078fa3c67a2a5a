/**
 * Every error of Understudy, in one table: the code is its identity, what to do about it is decided here once.
 * `retryable`: the same work may succeed later, so a consumer waits instead of giving the record up.
 * `exitCode`: what the command line exits with when this error ends a command (2 usage or configuration, 1 the rest).
 */
const catalogue = {
  CONFIG_NOT_FOUND: { retryable: false, exitCode: 2 },
  CONFIG_INVALID: { retryable: false, exitCode: 2 },
  USAGE: { retryable: false, exitCode: 2 },
  PORT_TAKEN: { retryable: false, exitCode: 1 },
  LOG_UNAVAILABLE: { retryable: true, exitCode: 1 },
  LOG_RECORD_TOO_LARGE: { retryable: false, exitCode: 1 },
  LOG_CLAIM_MISSING: { retryable: false, exitCode: 1 },
  LOG_REFUSED: { retryable: false, exitCode: 1 },
  STORE_UNAVAILABLE: { retryable: true, exitCode: 1 },
  STORE_LOCKED: { retryable: false, exitCode: 1 },
  STORE_QUERY_FAILED: { retryable: false, exitCode: 1 },
  STORE_SCHEMA_NEWER: { retryable: false, exitCode: 1 },
  ENCRYPTION_KEY_MISSING: { retryable: false, exitCode: 2 },
  /** Altered, moved, or closed with another key. */
  ENCRYPTION_BROKEN: { retryable: false, exitCode: 1 },
  MESSAGE_MALFORMED: { retryable: false, exitCode: 1 },
  MESSAGE_VERSION_UNKNOWN: { retryable: false, exitCode: 1 },
  BACKUP_UNUSABLE: { retryable: false, exitCode: 1 },
  PRICES_INVALID: { retryable: false, exitCode: 2 },
  IMPORT_UNREADABLE: { retryable: false, exitCode: 2 },
  CANDIDATE_UNKNOWN: { retryable: false, exitCode: 2 },
  EXCHANGE_UNKNOWN: { retryable: false, exitCode: 2 },
  /** Nobody knows who asks. */
  AUTH_REQUIRED: { retryable: false, exitCode: 2 },
  /** Whoever asks may not. */
  FORBIDDEN: { retryable: false, exitCode: 2 },
  /** A question took longer than one may: a narrower one need not. */
  QUESTION_TOO_SLOW: { retryable: false, exitCode: 1 },
  /** As many listen as may. */
  LISTENERS_FULL: { retryable: true, exitCode: 1 },
  /** A row, a label or a set that is not there, or no more. */
  NOT_FOUND: { retryable: false, exitCode: 2 },
  /** The store was opened for reading, because another process owns it. */
  STORE_READ_ONLY: { retryable: false, exitCode: 1 },
  /** A thread was lost over one set, or gave it no end in time. */
  SCORING_FAILED: { retryable: false, exitCode: 1 },
  STAGE_FAILED: { retryable: false, exitCode: 1 },
  STAGE_STOPPING: { retryable: true, exitCode: 1 },
  INTERNAL: { retryable: false, exitCode: 1 },
} as const satisfies Record<string, { retryable: boolean; exitCode: number }>

export type ErrorCode = keyof typeof catalogue

/** Match on `code`, never on the class. The message says what was wrong, where, and the cure. */
export class UnderstudyError extends Error {
  override name = 'UnderstudyError'
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly exitCode: number

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.retryable = catalogue[code].retryable
    this.exitCode = catalogue[code].exitCode
  }
}

/** The code of any thrown thing: ours as it is, everything else `INTERNAL`. */
export function errorCode(err: unknown): ErrorCode {
  return err instanceof UnderstudyError ? err.code : 'INTERNAL'
}

/** Is the fault with what surrounds a record, and not with the record? Then it waits: giving it up would mend nothing. */
export function isOfSurroundings(err: unknown): boolean {
  return isRetryable(err) || errorCode(err) === 'LOG_REFUSED'
}

/** May the same work succeed later? Unknown errors may not: waiting on a bug would stop the stage for ever. */
export function isRetryable(err: unknown): err is UnderstudyError {
  return err instanceof UnderstudyError && err.retryable
}
