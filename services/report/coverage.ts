import { type Verdict } from '../../shared/contracts/verdict.ts'

/** Above this share of requests that the translation could not carry over, the others may not speak for them. */
export const untranslatedAllowed = 0.1

const maxReasons = 3

/** How much of the traffic a verdict speaks for. */
export type Coverage = {
  /** Share of the candidate's exchanges that were compared. */
  compared: number
  /**
   * Share of the requests that the candidate could not be asked as they are. Unlike a budget that was spent or a key that was
   * refused for a while, this depends on the request: what is left over is the part that is easy for the candidate.
   */
  untranslated: number
  /** At most three, the most frequent first. */
  untranslatedReasons: string[]
}

/** Of the candidate as it is configured now. An exchange that was not served well says nothing about either. */
export function coverageOf({
  compared,
  notComparable,
  notComparableByReason,
}: Pick<Verdict['comparisons'], 'compared' | 'notComparable' | 'notComparableByReason'>): Coverage {
  const askable = compared + notComparable - (notComparableByReason['served_error'] ?? 0)
  const reasons = Object.entries(notComparableByReason).filter(([reason]) => isUntranslated(reason))
  const untranslated = reasons.reduce((sum, [, seen]) => sum + seen, 0)
  return {
    compared: askable === 0 ? 0 : compared / askable,
    untranslated: untranslated === 0 ? 0 : untranslated / (compared + untranslated),
    untranslatedReasons: reasons
      .toSorted(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1))
      .map(([reason]) => reason)
      .slice(0, maxReasons),
  }
}

const isUntranslated = (reason: string) =>
  /^(material|minor)_loss:/.test(reason) || reason === 'not_asked:untranslatable'
