import { type Config } from '../../../shared/config/schema.ts'
import { type ErrorCode } from '../../../shared/errors.ts'

/** The part of the config that comparing goes by. */
export type WorkerData = Pick<Config, 'waivers'> & Pick<Config['compare'], 'scorers'>

/** One observation set to compare, as it stands in the log. */
export type Job = { id: number; value: Uint8Array }

/** A record of the topic `comparisons`. */
export type EncodedComparison = { key: string; value: Uint8Array }

/** `ready` and `unusable` come once, before any job is taken. */
export type Answer =
  | { ready: true }
  | { unusable: Failure }
  | { id: number; records: EncodedComparison[] }
  | { id: number; failure: Failure }

/** Ours by its code; any other error as it is, for its class and its place in the code. */
export type Failure = { code: ErrorCode; message: string } | Error
