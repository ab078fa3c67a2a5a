import { readNumber, readNumberWord } from './numbers.ts'
import { areOpposite, hasOpposite } from './opposites.ts'
import { remembered } from '../text/remembered.ts'
import { contentStems, maxFactChars, stem } from './words.ts'

export type SentenceConflict = { message: string; served: string; arm: string }

type Token = { text: string; stem: string; numbers: string[] | null }
/** `key`: its words, with a mark for each number and for each word that has an opposite. */
type Sentence = { text: string; tokens: Token[]; key: string }

const maxSentences = 150
/** A template of fewer words (`5 days`) recurs by chance. */
const minWords = 3

/**
 * Sentences of two texts that are word for word the same but for what makes them another statement: numbers in each
 * other's place ("3 chairs and 2 tables"), a word of the opposite meaning (`before` for `after`), or a condition at the end
 * that one has ("only if it is unopened") and nothing in the other text makes up for. Null where there is none.
 * Built to stay silent in doubt: what is told in other words is not looked at, and neither is a template that occurs twice.
 * `isCut`: the served text ended at the token limit, so its last sentence is none.
 */
export function sentenceConflict(served: string, arm: string, isCut: boolean): SentenceConflict | null {
  const [left, right] = [sentencesOf(served), sentencesOf(arm)]
  const [ours, theirs] = [onceEach(isCut ? left.slice(0, -1) : left), onceEach(right)]
  for (const [key, sentence] of ours) {
    const twin = theirs.get(key)
    const message = twin === undefined ? null : turnOf(sentence, twin)
    if (message !== null) return { message, served: sentence.text, arm: twin!.text }
  }
  const dropped = conditionOnlyIn(ours, theirs, arm)
  if (dropped) return { message: 'condition dropped', served: dropped.with.text, arm: dropped.without.text }
  const added = conditionOnlyIn(theirs, ours, served)
  return added && { message: 'condition added', served: added.without.text, arm: added.with.text }
}

function onceEach(sentences: readonly Sentence[]): Map<string, Sentence> {
  const found = new Map<string, Sentence>()
  const twice = new Set<string>()
  for (const sentence of sentences) {
    if (found.has(sentence.key)) twice.add(sentence.key)
    found.set(sentence.key, sentence)
  }
  for (const key of twice) found.delete(key)
  return found
}

/** Two sentences of one key. */
function turnOf(served: Sentence, arm: Sentence): string | null {
  for (const [place, token] of served.tokens.entries()) {
    const other = arm.tokens[place]!
    if (token.numbers !== null && !token.numbers.some((number) => other.numbers!.includes(number))) {
      return `${token.text} became ${other.text} in the same sentence`
    }
    if (areOpposite(token.stem, other.stem)) return `${token.text} became ${other.text}, its opposite`
  }
  return null
}

/** Not `if` alone: "write to us if you need help" and "write to us" say the same. */
const conditionStart = /^(?:unless|provided|except|only)$/
/** So much of the condition's words elsewhere in the other text, and it is taken for said there. */
const saidElsewhere = 0.5

/** A sentence that is a whole sentence of the other side and then a condition. */
function conditionOnlyIn(
  conditional: ReadonlyMap<string, Sentence>,
  plain: ReadonlyMap<string, Sentence>,
  otherText: string,
): { with: Sentence; without: Sentence } | null {
  for (const sentence of conditional.values()) {
    const at = sentence.tokens.findIndex(({ text }, place) => place >= minWords && conditionStart.test(text))
    if (at === -1) continue
    const without = plain.get(keyOf(sentence.tokens.slice(0, at)))
    if (without === undefined || turnOf(without, sentence) !== null) continue
    const words = contentStems(
      sentence.tokens
        .slice(at)
        .map(({ text }) => text)
        .join(' '),
    )
    const others = contentStems(otherText)
    const shared = [...words].filter((word) => others.has(word)).length
    if (shared < words.size * saidElsewhere) return { with: sentence, without }
  }
  return null
}

const sentencesOf: (text: string) => readonly Sentence[] = remembered((text) =>
  text
    .slice(0, maxFactChars)
    .split(/(?<=[.!?…。！？])\s+|[\n;]+/)
    .slice(0, maxSentences)
    .flatMap((sentence) => {
      const tokens = tokensOf(sentence)
      return tokens.length < minWords ? [] : [{ text: sentence.trim(), tokens, key: keyOf(tokens) }]
    }),
)

const listMark = /^\s*(?:[-*•]\s*)?(?:\*\*)?\(?\d{1,3}[.)](?=[\s*])/
// The minus of a range (`5-7`) is none.
const wordOrNumber = /(?:(?<![\p{L}\d])[-−])?\d+(?:[.,]\d+)*|\p{L}+/gu
const number = /^[-−]?\d/

function tokensOf(sentence: string): Token[] {
  const words = sentence.replace(listMark, '').toLowerCase().match(wordOrNumber) ?? []
  return words.map(tokenOf)
}

function tokenOf(text: string): Token {
  if (number.test(text)) return { text, stem: text, numbers: signedNumber(text) }
  const value = readNumberWord(text)
  return { text, stem: stem(text), numbers: value === undefined ? null : [String(value)] }
}

function signedNumber(text: string): string[] {
  const digits = text.replace(/^[-−]/, '')
  return readNumber(digits).map((value) => (digits === text ? value : `-${value}`))
}

const keyOf = (tokens: readonly Token[]): string =>
  tokens.map(({ stem, numbers }) => (numbers !== null ? '#' : hasOpposite(stem) ? '~' : stem)).join(' ')
