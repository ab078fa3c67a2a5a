import { kinds, unitsOf } from './characters.ts'
import { onceARead, type Reading } from './reading.ts'

/** A part of a text: its characters, and its tokens from `first` to before `last`. */
export type Piece = { start: number; end: number; first: number; last: number }

const semicolon = 0x3b
const newline = 0x0a
const terminators = unitsOf('.!?…。！？')

/**
 * A text in sentences: parted where white space follows what ends a sentence, and at ends of lines and semicolons. Blank
 * pieces are among them.
 */
export const piecesOf: (reading: Reading) => readonly Piece[] = onceARead((reading) => {
  const { text, count, kinds: kind, starts, ends, words } = reading
  const pieces: Piece[] = []
  let [start, first] = [0, 0]
  for (let token = 0; token < count;) {
    if (kind[token]! < kinds.newline) {
      token++
      continue
    }
    const isParting = (at: number): boolean =>
      at < count && kind[at]! >= kinds.newline && (words[at] === newline || words[at] === semicolon)
    if (isParting(token)) {
      pieces.push({ start, end: starts[token]!, first, last: token })
      do token++
      while (isParting(token) && starts[token] === ends[token - 1])
      ;[start, first] = [ends[token - 1]!, token]
    } else if (terminators.has(words[token]!) && isBeforeSpace(token)) {
      pieces.push({ start, end: ends[token]!, first, last: token + 1 })
      do token++
      while (token < count && kind[token] === kinds.newline)
      ;[start, first] = [token < count ? starts[token]! : text.length, token]
    } else token++
  }
  pieces.push({ start, end: text.length, first, last: count })
  return pieces

  function isBeforeSpace(token: number): boolean {
    if (token + 1 === count) return ends[token]! < text.length
    return starts[token + 1]! > ends[token]! || kind[token + 1] === kinds.newline
  }
})

/** The token after which nothing of the piece but white space comes. */
export function lastSpoken({ kinds: kind }: Reading, { first, last }: Piece): number {
  let token = last - 1
  while (token >= first && kind[token] === kinds.newline) token--
  return token
}

export const isBlank = (reading: Reading, piece: Piece): boolean => lastSpoken(reading, piece) < piece.first
