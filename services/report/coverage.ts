import { type PairRow } from './pairs.ts'

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

/** `rows` of the candidate as it is configured now. An exchange that was not served well says nothing about either. */
export function coverageOf(rows: readonly PairRow[]): Coverage {
  const askable = rows.filter(({ outcome, reason }) => outcome !== 'not_comparable' || reason !== 'served_error')
  const compared = askable.filter(({ outcome }) => outcome !== 'not_comparable').length
  const reasons = new Map<string, number>()
  for (const { outcome, reason } of askable) {
    if (outcome !== 'not_comparable' || reason === null || !isUntranslated(reason)) continue
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  const untranslated = [...reasons.values()].reduce((sum, seen) => sum + seen, 0)
  return {
    compared: askable.length === 0 ? 0 : compared / askable.length,
    untranslated: untranslated === 0 ? 0 : untranslated / (compared + untranslated),
    untranslatedReasons: [...reasons]
      .toSorted(([, a], [, b]) => b - a)
      .map(([reason]) => reason)
      .slice(0, maxReasons),
  }
}

const isUntranslated = (reason: string) =>
  /^(material|minor)_loss:/.test(reason) || reason === 'not_asked:untranslatable'
