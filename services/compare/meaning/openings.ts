import { kinds } from '../text/characters.ts'
import { type Piece } from '../text/pieces.ts'
import { markAt, type Reading } from '../text/reading.ts'
import { wordTable } from '../text/vocabulary.ts'

/** What is before its words is taken at once and not given back: in a long run of marks that would be tried at each of them. */
const courtesy =
  /^(?=(\W*))\1(?:(?:hello|hi|hey|dear|hallo|bonjour|hola)(?:\s+\p{L}+)?[,!.]*|(?:great|good) (?:question|news)\W*|sure\W*|done\W*|of course\W*|certainly\W*|(?:sure|of course|certainly)?\W*(?:i can|i['’]?m|i am|i['’]d be)? ?(?:happy|glad)? ?(?:to)? ?help(?: you)?(?: with (?:that|this))?\W*|thank(?:s| you)[^.!?]{0,60}\W*|have a [^.!?]{0,40} ?day\W*|is there anything else[^?]{0,60}\??|let me know if[^.!?]{0,80}\W*|i hope (?:this|that) helps\W*|you['’]?re welcome\W*)$/iu
const listMark = /^\s*(?:#{1,6}\s+|(?:[-*•]\s*)?(?:\*\*)?\(?\d{1,3}[.)](?=[\s*])|[-*•]\s+)/
const opening = /^(?:sure|of course|certainly|yes|done|good news|great question|hi|hello)\b(?: \p{L}+)?[!,.:] +(?=\S)/iu

const lowLine = 0x5f

// What a sentence that begins with a word may be, one bit each.
const mayBeCourtesy = 1
const mayBeOpening = 2
/** No letter of it is one for `\W`: the next word tells. */
const tellsNothing = 4

const roleOf = wordTable((word) => {
  if (!/[a-zſ\u212a]/i.test(word)) return tellsNothing
  const isCourteous =
    /^[^a-zſ\u212a]*(?:hello|hi|hey|dear|hallo|bonjour|hola|great|good|sure|done|of|certainly|i|happy|glad|to|help|thank|have|let|you)/iu
  const opens = /^(?:sure|of|certainly|yes|done|good|great|hi|hello)\b/iu
  return (isCourteous.test(word) ? mayBeCourtesy : 0) | (opens.test(word) ? mayBeOpening : 0)
})

/** Is a sentence said for courtesy only? */
export function isCourtesy(reading: Reading, { start, end, first, last }: Piece): boolean {
  const { text, kinds: kind, words } = reading
  for (let token = first; token < last; token++) {
    if (kind[token] === kinds.digit || markAt(reading, token) === lowLine) return false
    if (kind[token] !== kinds.letter || roleOf(words[token]!) === tellsNothing) continue
    return (roleOf(words[token]!) & mayBeCourtesy) !== 0 && courtesy.test(text.slice(start, end).trim())
  }
  return false
}

/** How much of a sentence is a list mark, or a word or two before what it says; and whether the mark is a number. */
export function openingOf(
  { text, kinds: kind, starts, words }: Reading,
  { start, end, first, last }: Piece,
): { length: number; isStep: boolean } {
  if (first === last) return nothing
  if (kind[first] === kinds.letter) {
    if (starts[first] !== start || (roleOf(words[first]!) & mayBeOpening) === 0) return nothing
    return { length: opening.exec(text.slice(start, end))?.[0].length ?? 0, isStep: false }
  }
  if (kind[first] !== kinds.digit && !'#-*•('.includes(text[starts[first]!]!)) return nothing
  const raw = text.slice(start, end)
  const mark = listMark.exec(raw)
  return mark === null ? nothing : { length: mark[0].length, isStep: /^\s*(?:\*\*)?\(?\d/.test(raw) }
}

const nothing = { length: 0, isStep: false }
