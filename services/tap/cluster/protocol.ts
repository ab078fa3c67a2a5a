import { type Config } from '../../../shared/config/schema.ts'
import { type ErrorCode } from '../../../shared/errors.ts'
import { type Snapshot } from '../../../shared/metrics.ts'
import { type Totals } from '../ledger.ts'
import { type TapLimits } from '../main.ts'

/** What a process of the tap is started with. It comes as a message: an environment can be read from outside. */
export type MemberStart = { config: Config; loggerName: string; logLevel: string; limits: Partial<TapLimits> }

export type ToMember = { start: MemberStart } | 'read_metrics' | 'stop'

export type FromMember =
  | { started: string }
  | { failed: { code: ErrorCode; message: string } }
  | { report: { isServing: boolean; totals: Totals } }
  | { metrics: Snapshot }
