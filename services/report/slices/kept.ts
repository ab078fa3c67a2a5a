import { type Verdict } from '../../../shared/contracts/verdict.ts'

/**
 * Kinds of traffic that a GO leaves out and that nobody has said to stay with the served model: `kept`, as `dimension=value`.
 * Only where there is none may the candidate take all of the traffic that is left.
 */
export function unkept({ except }: Pick<Verdict, 'except'>, kept: readonly string[]): Verdict['except'] {
  return except.filter(({ dimension, value }) => !kept.includes(`${dimension}=${value}`))
}
