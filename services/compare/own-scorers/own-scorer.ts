import { type Answer } from '../../../shared/contracts/answer.ts'
import { type Task } from '../../../shared/contracts/exchange.ts'
import { type Json } from '../../../shared/dialects/dialect.ts'

/** What a scorer of the config is handed: plain data of its own, which it may change. */
export type ScorerInput = {
  task: Task
  /** The body that was sent to the served model, parsed; null where it was not kept or is not JSON. */
  request: Json
  served: Answer
  /** The answer of the candidate, or of the control. */
  arm: Answer
}

/** `score` returns a number in [0, 1], at once; null where this way of comparing says nothing about the pair. */
export type ScorerModule = { score: (input: ScorerInput) => unknown }

export type OwnScorer = ScorerModule & {
  name: string
  as: 'score' | 'quality'
  timeoutMs: number
  /** SHA-256 of the module's text: another text is another scorer. */
  sha256: string
}
