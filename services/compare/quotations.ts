import { type Finding } from './rungs/rung.ts'
import { readBoth, type Reading } from './text/reading.ts'

const quotation =
  /"([^"\n]{3,300})"|“([^“”\n]{3,300})”|„([^„“”\n]{3,300})[“”]|«\s?([^«»\n]{3,300}?)\s?»|「([^「」\n]{3,300})」/g
/** So far a text is searched for what the other one quotes. */
const maxSearchedChars = 1_000_000
const maxQuotations = 100

export type Quotation = { text: string; inside: string }

/** What a text says in quotation marks of any language: titles, names of buttons, words of others. */
export function quotationsIn({ text, hasOpener }: Reading): Quotation[] {
  if (!hasOpener) return []
  const found = text.matchAll(quotation)
  return Array.from(found.take(maxQuotations), (match) => ({
    text: match[0],
    inside: match.slice(1).find((group) => group !== undefined)!,
  }))
}

/** Letters and digits in lower case, one space between words: what a quotation may change is only this. */
export function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/**
 * Quotations of one text whose words the other does not hold, quoted or not. Where as many of the arm stand in their place,
 * they were altered: `harmful`. One that is only left out or added may be said in other words: `unsure`.
 */
export function quotationDifferences(served: string, arm: string): Finding[] {
  const [ours, theirs] = readBoth(served, arm)
  const [left, right] = [quotationsIn(ours), quotationsIn(theirs)]
  if (left.length + right.length === 0) return []
  const missing = notIn(arm, left)
  const added = notIn(served, right)
  if (missing.length > 0 && missing.length === added.length)
    return missing.map(({ text }, at) => noted('harmful', `${text} became ${added[at]!.text}`, text, added[at]!.text))
  return [
    ...missing.map(({ text }) => noted('unsure', `quotation ${text} is missing`, text, null)),
    ...added.map(({ text }) => noted('unsure', `quotation ${text} is new`, null, text)),
  ]
}

function notIn(text: string, quotations: Quotation[]): Quotation[] {
  if (quotations.length === 0) return []
  const searched = text.slice(0, maxSearchedChars)
  let words: string | null = null
  return quotations.filter(({ inside }) => {
    if (isIn(searched, inside) || plain(inside) === '') return false
    words ??= plain(searched)
    return !words.includes(plain(inside))
  })
}

/** As it stands, between characters that change nothing of it: then its words are in there, too. */
function isIn(text: string, inside: string): boolean {
  const at = text.indexOf(inside)
  return at !== -1 && isAscii(text, at - 1) && isAscii(text, at + inside.length)
}

const isAscii = (text: string, at: number): boolean => !(text.charCodeAt(at) > 0x7f)

const noted = (severity: Finding['severity'], message: string, served: string | null, arm: string | null): Finding => ({
  rung: 'facts',
  kind: 'quotation',
  severity,
  path: null,
  message,
  served,
  arm,
})
