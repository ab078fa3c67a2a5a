import { type Config } from '../../../shared/config/schema.ts'
import { type MirrorHealth, type MirrorLimits, type MirrorState } from './mirror.ts'
import { type PackedCopies } from './packed-copy.ts'

/** What the mirror's thread is started with. */
export type MirrorStart = {
  config: Pick<Config, 'tap' | 'routes' | 'log'>
  loggerName: string
  logLevel: string
  limits: Partial<MirrorLimits>
  resume: MirrorState | null
}

export type ToMirror = { copies: PackedCopies } | 'stop'

/**
 * Copies are counted from the thread's start, and are worked on in the order they were posted. `saved`: the state covers
 * the first `copies` of them. `health`: told at the start and whenever it changes.
 */
export type FromMirror =
  | { processed: number }
  | { saved: MirrorState; copies: number }
  | { health: MirrorHealth }
  | 'stopped'
