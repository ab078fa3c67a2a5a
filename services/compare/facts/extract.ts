import { type Fact } from './fact.ts'
import { remembered } from '../text/remembered.ts'
import { rules } from './rules.ts'
import { maxFactChars } from './words.ts'

/** Beyond so many, the rest of a text is left unread: a table of numbers is compared by its beginning. */
const maxFacts = 500

/** What a text states in numbers, dates, codes and addresses; each normal form once, in the order of the rules. */
export const extractFacts: (text: string) => readonly Fact[] = remembered((text) => {
  const facts = new Map<string, Fact>()
  let unread = text.slice(0, maxFactChars)
  for (const { pattern, read, sign } of rules) {
    if (sign !== undefined && !unread.includes(sign)) continue
    unread = unread.replace(pattern, (...args: unknown[]) => {
      const { match, index } = matchOf(args)
      const found = facts.size < maxFacts ? read(match) : []
      if (found === null) return match[0]!
      for (const fact of found) {
        const key = `${fact.kind} ${fact.values[0]}`
        const known = facts.get(key)
        // Said once for certain is certain.
        if (known === undefined || known.isWeak) {
          facts.set(key, { ...fact, text: fact.text ?? match[0]!.trim(), index, isWeak: fact.isWeak ?? false })
        }
      }
      // The same length, so that `index` stays true; a mark that no pattern takes for a word.
      return '\u0001'.repeat(match[0]!.length)
    })
  }
  return [...facts.values()]
})

function matchOf(args: unknown[]): { match: string[]; index: number } {
  const at = args.findIndex((arg) => typeof arg === 'number')
  return { match: args.slice(0, at) as string[], index: args[at] as number }
}
