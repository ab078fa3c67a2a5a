import { type PriceRow } from './price-row.ts'

/** The rows a model is priced by, before the day is asked. */
export type RowFinder = (model: string) => PriceRow[]

/**
 * An id's own rows come first, then those of the id without its date (`gpt-4o-2024-08-06`,
 * `claude-haiku-4-5-20251001`), then the longest pattern that matches.
 */
export function createRowFinder(rows: PriceRow[]): RowFinder {
  const byModel = Map.groupBy(rows, (row) => row.model)
  const patterns = [...byModel.keys()].filter((model) => model.includes('*')).toSorted((a, b) => b.length - a.length)
  const matchers = patterns.map((pattern) => ({ pattern, matches: patternMatcher(pattern) }))

  return (model) => {
    for (const id of [model, withoutDate(model)]) {
      const own = byModel.get(id)
      if (own !== undefined && !id.includes('*')) return own
    }
    const found = matchers.find(({ matches }) => matches(model))
    return found === undefined ? [] : byModel.get(found.pattern)!
  }
}

/** The row in force at that time. */
export function rowInForce(rows: PriceRow[], at: Date): PriceRow | undefined {
  // Days compare as text, and everything is in UTC.
  const time = at.toISOString()
  return rows.find((row) => row.effectiveFrom <= time && (row.effectiveTo === null || time < row.effectiveTo))
}

function withoutDate(model: string): string {
  return model.replace(/[-@]20\d\d-?[01]\d-?[0-3]\d$/, '')
}

function patternMatcher(pattern: string): (model: string) => boolean {
  const parts = pattern.split('*').map((part) => RegExp.escape(part))
  const expression = new RegExp(`^${parts.join('.*')}$`)
  return (model) => expression.test(model)
}
