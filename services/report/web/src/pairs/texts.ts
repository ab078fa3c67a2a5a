import { useEffect, useState } from 'react'
import { type ComparisonLine, type ComparisonTexts } from '../../../../../shared/contracts/comparison-page.ts'
import { get } from '../api.ts'

export type Texts = Pick<ComparisonLine, 'servedExcerpt' | 'armExcerpt'>

/** By comparison, of all lists, so that coming back asks for nothing. */
const known = new Map<string, Texts>()
const mostKnown = 10_000
/** As many as the report gives at once. */
const mostAsked = 60
/** Whoever scrolls past does not read. */
const stillMs = 60

const hidden: Texts = { servedExcerpt: null, armExcerpt: null }

/** Beginnings of the answers of the lines in sight, which take longer to find than the lines themselves. Undefined: not here yet. */
export function useTexts(
  lines: readonly ComparisonLine[],
  mayRead: boolean,
): (line: ComparisonLine) => Texts | undefined {
  const [, setArrived] = useState(0)
  const missing = mayRead ? lines.filter(({ comparisonId }) => !known.has(comparisonId)).slice(0, mostAsked) : []
  const asked = missing.map(({ comparisonId, capturedAt }) => `${comparisonId}@${capturedAt}`).join(',')
  useEffect(() => {
    if (asked === '') return undefined
    const stopping = new AbortController()
    const ask = async () => {
      const ids = asked.split(',').map((line) => line.slice(0, line.indexOf('@')))
      try {
        const { texts } = await get<ComparisonTexts>(
          `/api/v1/comparisons/texts?lines=${encodeURIComponent(asked)}`,
          stopping.signal,
        )
        const found = new Map(texts.map(({ comparisonId, ...rest }) => [comparisonId, rest]))
        for (const id of ids) remember(id, found.get(id) ?? hidden)
        setArrived((times) => times + 1)
      } catch {
        // The list itself says when the report is out of reach; what is in sight next is asked for anew.
      }
    }
    const still = setTimeout(() => void ask(), stillMs)
    return () => {
      clearTimeout(still)
      stopping.abort()
    }
  }, [asked])
  return ({ comparisonId }) => (mayRead ? known.get(comparisonId) : hidden)
}

function remember(id: string, texts: Texts): void {
  known.set(id, texts)
  if (known.size > mostKnown) known.delete(known.keys().next().value!)
}
