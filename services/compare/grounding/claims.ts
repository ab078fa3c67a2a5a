import { readFacts } from '../facts/extract.ts'
import { type Fact } from '../facts/fact.ts'
import { sentencesOf } from '../meaning/sentences.ts'
import { quotationsIn } from '../quotations.ts'

/** Something an answer states that can be looked for in the texts that it was to be taken from. */
export type Claim = { kind: string; text: string } & ({ fact: Fact } | { words: string[] } | { quoted: string })

const maxClaims = 500
/** Long runs without a letter are no prose, and take the reading of sentences very long. */
const noWords = /[^\p{L}\p{N}]{1000}/u

/**
 * Numbers, amounts, dates, codes and addresses (`readFacts`), names and quotations. Names are words with a capital inside of
 * a sentence; in German, where every noun has one, and in scripts without capitals none is told.
 */
export function claimsOf(text: string): Claim[] {
  const facts = readFacts(text).facts.filter(({ isWeak, kind }) => !isWeak && kind !== 'answer')
  const claims: Claim[] = facts.map((fact) => ({ kind: fact.kind, text: fact.text, fact }))
  for (const words of namesOf(text)) claims.push({ kind: 'name', text: words.join(' '), words })
  for (const { text: quoted, inside } of quotationsIn(text))
    claims.push({ kind: 'quotation', text: quoted, quoted: inside })
  return claims.slice(0, maxClaims)
}

/** Runs of words that are names, each run once, in lower case. */
function namesOf(text: string): string[][] {
  if (noWords.test(text)) return []
  const names = new Map<string, string[]>()
  for (const { words } of sentencesOf(text)) {
    let run: string[] = []
    for (const { isName, lower } of [...words, { isName: false, lower: '' }]) {
      if (isName) run.push(lower)
      else if (run.length > 0) {
        names.set(run.join(' '), run)
        run = []
      }
    }
  }
  return [...names.values()]
}
