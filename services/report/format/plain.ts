import { stripVTControlCharacters } from 'node:util'

// Control codes could move the cursor or colour a terminal; bidirectional and zero-width marks could reorder what is read.
const unsafe = /[\p{Cc}\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF\p{Cs}]/gu

/** Text of a model or a client on one line, with nothing in it that acts on a terminal. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/\s+/g, ' ').replace(unsafe, '').trim()
}

/** The beginning of a text, with an ellipsis where something was cut, never inside a character. */
export function cut(text: string, length: number): string {
  const characters = Array.from(text)
  return characters.length <= length ? text : `${characters.slice(0, Math.max(0, length - 1)).join('')}…`
}

/** Breaks at spaces, but never between a number and its %; a word longer than the width stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/ (?!%)/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
