import { kinds, unitsOf } from './characters.ts'
import { normalWords } from './normal-form.ts'
import { endOfRun, joinedWord, onceARead, type Reading } from './reading.ts'
import { keep } from './shelf.ts'
import { joinedPair, textOf, wordOf, wordTable } from './vocabulary.ts'

export const maxTokens = 10_000

const { numeral, newline, mark } = kinds

/** Numbers of words, as `rouge_score` and as SQuAD's normal form have them, at most `maxTokens` of each. */
export type ScoredWords = { rouge: Int32Array; squad: Int32Array }

const rouge = new Int32Array(maxTokens)
const squad = new Int32Array(maxTokens)
let rougeCount = 0
let squadCount = 0

const isPlain = 1
const isNoArticle = 2
const isLong = 4
/** So many units, and what is left of a word behind each part is no word to be kept. */
const maxPartedUnits = 64
/** Bits of a word: of ASCII letters and digits alone; not an English article; long. */
const traitsOf = wordTable(
  (word) =>
    (/^[a-z0-9]+$/.test(word) ? isPlain : 0) |
    (/^(?:an?|the)$/.test(word) ? 0 : isNoArticle) |
    (word.length > maxPartedUnits ? isLong : 0),
)

/**
 * `rouge`: lower case, everything but ASCII letters and digits separates. `squad`: lower case, no ASCII punctuation, no English
 * articles, split at white space.
 */
export const scoredWords = onceARead((reading: Reading): ScoredWords => {
  rougeCount = 0
  squadCount = 0
  if (reading.isDisputed) {
    // What grows in lower case may be ASCII then.
    putText(reading.text.toLowerCase())
  } else putChunks(reading)
  return { rouge: keep(rouge, rougeCount), squad: keep(squad, squadCount) }
})

/** A chunk is what stands between white space: mostly one word, with or without marks of ASCII behind it. */
function putChunks(reading: Reading): void {
  const { count, kinds: kind, starts, ends, words } = reading
  const ours = rouge
  const theirs = squad
  for (let token = 0; token < count && (rougeCount < maxTokens || squadCount < maxTokens);) {
    let inRouge = rougeCount
    let inSquad = squadCount
    // Nothing but local numbers for nearly all of a text.
    while (token < count && kind[token]! <= numeral && inRouge < maxTokens && inSquad < maxTokens) {
      let word = words[token]!
      let next = token + 1
      let end = ends[token]!
      // Letters and digits without a gap are one word.
      if (next < count && starts[next] === end && kind[next]! <= numeral) {
        word = joinedPair(word, words[next]!)
        end = ends[next++]!
      }
      while (next < count && starts[next] === end && isPunctuation(kind[next]!, words[next]!)) end = ends[next++]!
      const traits = traitsOf(word)
      if ((traits & isPlain) === 0 || (next < count && starts[next] === end && kind[next] !== newline)) break
      ours[inRouge++] = word
      theirs[inSquad] = word
      inSquad += (traits & isNoArticle) >> 1
      token = next
    }
    rougeCount = inRouge
    squadCount = inSquad
    if (token === count) break
    const first = token
    token++
    if (kind[first] === newline) continue
    while (token < count && starts[token] === ends[token - 1] && kind[token] !== newline) token++
    if (token - first <= maxJoined) putChunk(reading, first, token)
    else putText(reading.lower.slice(starts[first], ends[token - 1]))
  }
}

const none = -1

/** Of more tokens, what was joined so far would be a word to be kept each time. */
const maxJoined = 32

/** Any chunk, run by run. */
function putChunk(reading: Reading, first: number, last: number): void {
  const { kinds: kind, starts, ends, words } = reading
  // In SQuAD's form: what there is of the word, and the run of letters and digits behind that, over punctuation.
  let whole = none
  let run = none
  for (let token = first; token < last;) {
    if (kind[token]! <= numeral) {
      const next = endOfRun(reading, token)
      const word = joinedWord(reading, token, next)
      putPlainParts(word)
      run = run === none ? word : joinedPair(run, word)
      token = next
      continue
    }
    if (!isPunctuation(kind[token]!, words[token]!)) {
      whole = withRun(whole, run)
      run = none
      const sign = wordOf(reading.lower.slice(starts[token], ends[token]))
      whole = whole === none ? sign : joinedPair(whole, sign)
    }
    token++
  }
  whole = withRun(whole, run)
  if (whole !== none) putSquad(whole)
}

/** An article parts a chunk, and is one only where no letter, digit or numeral is beside it. */
function withRun(whole: number, run: number): number {
  if (run === none) return whole
  if ((traitsOf(run) & isNoArticle) !== 0) return whole === none ? run : joinedPair(whole, run)
  if (whole !== none) putSquad(whole)
  return none
}

/** What a word begins with of ASCII letters and digits, behind others; and what is left of it behind those. */
const plainHeadOf = wordTable((word) => partOf(/[a-z0-9]+/.exec(word)?.[0]))
const tailOf = wordTable((word) => partOf(/^[^a-z0-9]*[a-z0-9]+([^a-z0-9].*)$/su.exec(word)?.[1]))
const partOf = (part: string | undefined): number => (part === undefined ? none : wordOf(part))

function putPlainParts(word: number): void {
  const traits = traitsOf(word)
  if ((traits & isLong) !== 0) return putRouge(textOf(word))
  if ((traits & isPlain) === 0) return putParts(word)
  if (rougeCount < maxTokens) rouge[rougeCount++] = word
}

function putParts(word: number): void {
  for (let rest = word; rest !== none; rest = tailOf(rest)) {
    const head = plainHeadOf(rest)
    if (head !== none && rougeCount < maxTokens) rouge[rougeCount++] = head
  }
}

/** A text in lower case, without what is known of its words. */
function putText(lower: string): void {
  putRouge(lower)
  for (const word of normalWords(lower)) putSquad(wordOf(word))
}

function putRouge(lower: string): void {
  for (const [word] of lower.matchAll(/[a-z0-9]+/g)) if (rougeCount < maxTokens) rouge[rougeCount++] = wordOf(word)
}

function putSquad(word: number): void {
  if (squadCount < maxTokens) squad[squadCount++] = word
}

/** By unit, 1 for the 32 marks of ASCII. */
const punctuation = new Uint8Array(1 << 16)
for (const unit of unitsOf('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~')) punctuation[unit] = 1

const isPunctuation = (kind: number, unit: number): boolean => kind === mark && punctuation[unit] === 1
