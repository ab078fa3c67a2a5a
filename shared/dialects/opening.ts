import { sha256Hex } from '../ids.ts'
import { type Json } from './dialect.ts'
import { field, list, text, writeJson } from './json.ts'

/** One text for groups of contents (system prompts, first user turn): the words as they are, all else by its hash. Empty where nothing is said. */
export function openingOf(groups: Json[][]): string {
  const said = groups.map((contents) => contents.flatMap(piecesOf).join('\n'))
  return said.every((text) => text === '') ? '' : said.join('\n\u0000\n')
}

function piecesOf(content: Json): string[] {
  if (typeof content === 'string') return [content]
  return list(content).map((part) => text(field(part, 'text')) ?? `[${text(field(part, 'type'))} ${hashOf(part)}]`)
}

function hashOf(part: Json): string {
  return sha256Hex(writeJson(part)).slice(0, 16)
}
