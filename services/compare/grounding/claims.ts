import { readFacts } from '../facts/extract.ts'
import { type Fact } from '../facts/fact.ts'
import { sentencesOf } from '../meaning/sentences.ts'
import { quotationsIn } from '../quotations.ts'
import { type Reading, readOne } from '../text/reading.ts'
import { textOf } from '../text/vocabulary.ts'

/** Something an answer states that can be looked for in the texts that it was to be taken from. */
export type Claim = { kind: string; text: string } & ({ fact: Fact } | { words: string[] } | { quoted: string })

const maxClaims = 500

/**
 * Numbers, amounts, dates, codes and addresses (`readFacts`), names and quotations. Names are words with a capital inside of
 * a sentence; in German, where every noun has one, and in scripts without capitals none is told.
 */
export function claimsOf(text: string): Claim[] {
  const reading = readOne(text)
  const facts = readFacts(reading).facts.filter(({ isWeak, kind }) => !isWeak && kind !== 'answer')
  const claims: Claim[] = facts.map((fact) => ({ kind: fact.kind, text: fact.text, fact }))
  for (const words of namesOf(reading)) claims.push({ kind: 'name', text: words.join(' '), words })
  for (const { text: quoted, inside } of quotationsIn(reading))
    claims.push({ kind: 'quotation', text: quoted, quoted: inside })
  return claims.slice(0, maxClaims)
}

/** Runs of words that are names, each run once, in lower case. */
function namesOf(reading: Reading): string[][] {
  const names = new Map<string, string[]>()
  for (const { words } of sentencesOf(reading)) {
    let run: string[] = []
    for (const { isName, lower } of [...words, { isName: false, lower: -1 }]) {
      if (isName) run.push(textOf(lower))
      else if (run.length > 0) {
        names.set(run.join(' '), run)
        run = []
      }
    }
  }
  return [...names.values()]
}
