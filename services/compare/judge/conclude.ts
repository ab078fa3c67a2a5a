import { type Judgement } from '../../../shared/contracts/comparison.ts'
import { type Asked } from './ask.ts'
import { type Place, qualityOf, type Score, scoreOf } from './score.ts'

/** What came of one pair. `quality` null: the ladder's stands. `because`: why the judge decided as it did. */
export type Judged = { judgement: Judgement; quality: number | null; because: string | null }

/** What was said with the arm in one of the places. */
export type Order = { armIn: Place; asked: Asked }

/** Nothing is wrong with the judge: it was kept from being asked. */
const notAskedReasons: ReadonlySet<string> = new Set(['budget_reached', 'limits', 'provider_away', 'unpriced'])

export function undecided(judgement: Judgement): Judged {
  return { judgement, quality: null, because: null }
}

/** Both orders, or those up to the first without a verdict. */
export function conclude(blank: Judgement, orders: readonly Order[]): Judged {
  const judgement: Judgement = {
    ...blank,
    servedFirst: scoreWith('second', orders),
    armFirst: scoreWith('first', orders),
    costUsd: costOf(orders),
  }
  const failed = orders.find(({ asked }) => asked.verdict === null)
  if (failed !== undefined) {
    const { reason } = failed.asked
    return undecided({ ...judgement, state: notAskedReasons.has(reason!) ? 'not_asked' : 'error', reason })
  }
  const quality = qualityOf(judgement.servedFirst!, judgement.armFirst!)
  const state = quality === null ? 'inconsistent' : 'decided'
  return { judgement: { ...judgement, state }, quality, because: becauseOf(orders) }
}

function scoreWith(place: Place, orders: readonly Order[]): Score | null {
  const winner = orders.find(({ armIn }) => armIn === place)?.asked.verdict?.winner
  return winner === undefined ? null : scoreOf(winner, place)
}

function costOf(orders: readonly Order[]): number | null {
  return orders.reduce<number | null>(
    (sum, { asked }) => (sum === null || asked.costUsd === null ? null : sum + asked.costUsd),
    0,
  )
}

/** The words of the verdict against the arm, where there is one. */
function becauseOf(orders: readonly Order[]): string | null {
  const against = orders.find(({ armIn, asked }) => scoreOf(asked.verdict!.winner, armIn) === 0)
  return (against ?? orders[0])?.asked.verdict?.reason ?? null
}
