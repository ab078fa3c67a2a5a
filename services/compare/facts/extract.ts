import { type Fact } from './fact.ts'
import { remembered } from '../text/remembered.ts'
import { rules } from './rules.ts'
import { maxFactChars } from './words.ts'

/** Beyond so many, the rest of a text is left unread: a table of numbers is compared by its beginning. */
const maxFacts = 500
/** Private use characters stand where a fact stood: `firstMark` + its place among the facts. */
const firstMark = 0xe001
/** Stands where something was read and no fact found. */
const noFact = '\ue000'
const ownMarks = /[\ue000-\ue1ff]/g

/** `marked`: the text, of the same length, with a run of one mark over each fact. */
export type FactText = { facts: readonly Fact[]; marked: string }

/** What a text states in numbers, dates, codes and addresses; each normal form once, in the order of the rules. */
export const readFacts: (text: string) => FactText = remembered((text) => {
  const facts: Fact[] = []
  const places = new Map<string, number>()
  let marked = text.slice(0, maxFactChars).replaceAll(ownMarks, ' ')
  for (const { pattern, read, sign } of rules) {
    if (sign !== undefined && !sign.test(marked)) continue
    marked = marked.replace(pattern, (...args: unknown[]) => {
      const { match, index } = matchOf(args)
      const found = facts.length < maxFacts ? read(match) : []
      if (found === null) return match[0]!
      const [first] = found.map((fact) => {
        const key = `${fact.kind} ${fact.values[0]}`
        const known = places.get(key)
        const place = known ?? facts.length
        // Said once for certain is certain.
        if (known === undefined || facts[known]!.isWeak) {
          facts[place] = { ...fact, text: fact.text ?? match[0]!.trim(), index, isWeak: fact.isWeak ?? false }
          places.set(key, place)
        }
        return place
      })
      // The same length, so that places stay true; what ends a sentence goes on ending it.
      const end = /[.,;:!?]*$/.exec(match[0]!)![0]
      const mark = first === undefined ? noFact : String.fromCharCode(firstMark + first)
      return first === undefined ? mark.repeat(match[0]!.length) : mark.repeat(match[0]!.length - end.length) + end
    })
  }
  return { facts, marked }
})

/** The fact under a mark. */
export const factAt = (facts: readonly Fact[], mark: string): Fact => facts[mark.charCodeAt(0) - firstMark]!

function matchOf(args: unknown[]): { match: string[]; index: number } {
  const at = args.findIndex((arg) => typeof arg === 'number')
  return { match: args.slice(0, at) as string[], index: args[at] as number }
}
