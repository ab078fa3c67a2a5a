import { kinds, unitsOf } from './characters.ts'
import { normalWords } from './normal-form.ts'
import { endOfRun, joinedWord, onceARead, type Reading } from './reading.ts'
import { keep } from './shelf.ts'
import { dropUnits, endWord, joinedPair, putUnit, unitFromEnd, wordOf, wordTable } from './vocabulary.ts'

export const maxTokens = 10_000

/** Numbers of words, as `rouge_score` and as SQuAD's normal form have them, at most `maxTokens` of each. */
export type ScoredWords = { rouge: Int32Array; squad: Int32Array }

const rouge = new Int32Array(maxTokens)
const squad = new Int32Array(maxTokens)
let rougeCount = 0
let squadCount = 0

const isPlain = 1
const isNoArticle = 2
/** Two bits of a word: of ASCII letters and digits alone; not an English article. */
const traitsOf = wordTable(
  (word) => (/^[a-z0-9]+$/.test(word) ? isPlain : 0) | (/^(?:an?|the)$/.test(word) ? 0 : isNoArticle),
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
    const lower = reading.text.toLowerCase()
    putRouge(lower, 0, lower.length)
    for (const word of normalWords(lower)) putSquad(wordOf(word))
  } else putChunks(reading)
  return { rouge: keep(rouge, rougeCount), squad: keep(squad, squadCount) }
})

/** A chunk is what stands between white space: mostly one word, with or without marks of ASCII behind it. */
function putChunks(reading: Reading): void {
  const { count, kinds: kind, starts, ends, words } = reading
  const [ours, theirs] = [rouge, squad]
  for (let token = 0; token < count && (rougeCount < maxTokens || squadCount < maxTokens);) {
    let [inRouge, inSquad, next] = [rougeCount, squadCount, token]
    // Nothing but local numbers for nearly all of a text.
    while (token < count && kind[token]! <= kinds.numeral && inRouge < maxTokens && inSquad < maxTokens) {
      let word = words[token]!
      next = token + 1
      let end = ends[token]!
      // Letters and digits without a gap are one word.
      if (next < count && starts[next] === end && kind[next]! <= kinds.numeral) {
        word = joinedPair(word, words[next]!)
        end = ends[next++]!
      }
      while (next < count && starts[next] === end && isPunctuation(kind[next]!, words[next]!)) end = ends[next++]!
      const traits = traitsOf(word)
      if ((traits & isPlain) === 0 || (next < count && starts[next] === end && kind[next] !== kinds.newline)) break
      ours[inRouge++] = word
      theirs[inSquad] = word
      inSquad += traits >> 1
      token = next
    }
    rougeCount = inRouge
    squadCount = inSquad
    if (token === count) break
    next = token + 1
    if (kind[token]! <= kinds.numeral && putJoined(reading, token)) {
      token = joinedEnd
      continue
    }
    if (kind[token] !== kinds.newline) {
      while (next < count && starts[next] === ends[next - 1] && kind[next] !== kinds.newline) next++
      if (!putPlainRuns(reading, token, next)) putRouge(reading.lower, starts[token]!, ends[next - 1]!)
      putSquadChunk(reading, token, next)
    }
    token = next
  }
}

let joinedEnd = 0

/** The same where the word is of letters and digits without a gap; where it is not such a chunk, nothing is put. */
function putJoined(reading: Reading, token: number): boolean {
  const { count, kinds: kind, starts, ends, words } = reading
  const runEnd = endOfRun(reading, token)
  let next = runEnd
  while (next < count && starts[next] === ends[next - 1] && isPunctuation(kind[next]!, words[next]!)) next++
  if (next < count && starts[next] === ends[next - 1] && kind[next] !== kinds.newline) return false
  const word = joinedWord(reading, token, runEnd)
  const traits = traitsOf(word)
  if ((traits & isPlain) === 0) return false
  if (rougeCount < maxTokens) rouge[rougeCount++] = word
  if ((traits & isNoArticle) !== 0) putSquad(word)
  joinedEnd = next
  return true
}

/** The runs of letters and digits between the marks of a chunk; where one is not of ASCII alone, nothing is put. */
function putPlainRuns(reading: Reading, first: number, last: number): boolean {
  let count = rougeCount
  for (let token = first; token < last;) {
    const next = endOfRun(reading, token)
    if (reading.kinds[token]! <= kinds.numeral) {
      const word = joinedWord(reading, token, next)
      if ((traitsOf(word) & isPlain) === 0) return false
      if (count < maxTokens) rouge[count++] = word
    }
    token = next
  }
  rougeCount = count
  return true
}

function putRouge(lower: string, start: number, end: number): void {
  let isInside = false
  for (let at = start; at <= end; at++) {
    const unit = at < end ? lower.charCodeAt(at) : 0
    if ((unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57)) {
      putUnit(unit)
      isInside = true
    } else if (isInside) {
      isInside = false
      const word = endWord()
      if (rougeCount < maxTokens) rouge[rougeCount++] = word
    }
  }
}

function putSquad(word: number): void {
  if (squadCount < maxTokens) squad[squadCount++] = word
}

const [a, e, h, n, t] = [0x61, 0x65, 0x68, 0x6e, 0x74]

/** Is the run that the word being put together ends in, of so many units, an English article? */
const endsInArticle = (run: number): boolean =>
  (run === 1 && unitFromEnd(1) === a) ||
  (run === 2 && unitFromEnd(2) === a && unitFromEnd(1) === n) ||
  (run === 3 && unitFromEnd(3) === t && unitFromEnd(2) === h && unitFromEnd(1) === e)

/** An article parts a chunk, and is one only where no letter, digit or numeral is beside it. */
function putSquadChunk({ kinds: kind, starts, ends, words, lower }: Reading, first: number, last: number): void {
  let [units, run] = [0, 0]
  for (let token = first; token <= last; token++) {
    const isRun = token < last && kind[token]! <= kinds.numeral
    if (token < last && isPunctuation(kind[token]!, words[token]!)) continue
    if (!isRun && run > 0) {
      if (endsInArticle(run)) {
        dropUnits(run)
        units -= run
        if (units > 0) putSquad(endWord())
        units = 0
      }
      run = 0
    }
    if (token === last) break
    for (let at = starts[token]!; at < ends[token]!; at++) putUnit(lower.charCodeAt(at))
    units += ends[token]! - starts[token]!
    if (isRun) run += ends[token]! - starts[token]!
  }
  if (units > 0) putSquad(endWord())
}

/** By unit, 1 for the 32 marks of ASCII. */
const punctuation = new Uint8Array(1 << 16)
for (const unit of unitsOf('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~')) punctuation[unit] = 1

const isPunctuation = (kind: number, unit: number): boolean => kind === kinds.mark && punctuation[unit] === 1
