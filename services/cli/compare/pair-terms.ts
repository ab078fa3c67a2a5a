import { type Config } from '../../../shared/config/schema.ts'
import { type Task } from '../../../shared/contracts/exchange.ts'
import { keepAlive } from '../../compare/own-scorers/keep-alive.ts'
import { ladderAlone, type Terms, termsOf } from '../../compare/terms.ts'

/** What pairs of a file are compared by. */
export type PairTerms = {
  terms: Terms
  taskOf: (route: string | null) => Task | null
  /** Empty where there is none, or more than one. */
  onlyCandidate: string
}

export const withoutConfig: PairTerms = { terms: ladderAlone, taskOf: () => null, onlyCandidate: '' }

/** The config's scorers run in this process, which they cannot end. CONFIG_INVALID where one cannot be loaded. */
export async function withTerms<Result>(
  config: Config | null,
  work: (by: PairTerms) => Promise<Result>,
): Promise<Result> {
  if (config === null) return await work(withoutConfig)
  const { routes, candidates } = config
  const takeBack = config.compare.scorers.length === 0 ? () => {} : keepAlive()
  try {
    const terms = await termsOf(config)
    return await work({
      terms,
      taskOf: (name) => routes.find((route) => route.name === name)?.task ?? null,
      onlyCandidate: candidates.length === 1 ? candidates[0]!.name : '',
    })
  } finally {
    takeBack()
  }
}
