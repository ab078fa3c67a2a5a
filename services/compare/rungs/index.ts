import {
  breakOff,
  emptiness,
  fencedText,
  jsonFormat,
  jsonSchema,
  language,
  length,
  openFence,
  script,
  unreadJson,
} from './format.ts'
import { finish, identical, refusal } from './ending.ts'
import { json, label, tools } from './structure.ts'
import { type Rung } from './rung.ts'
import { sameWords, text } from './text.ts'

/** The ladder, cheapest and surest first; each rung decides only what it can. */
export const rungs: readonly Rung[] = [
  identical,
  refusal,
  finish,
  tools,
  unreadJson,
  jsonFormat,
  jsonSchema,
  emptiness,
  json,
  label,
  fencedText,
  openFence,
  sameWords,
  script,
  language,
  length,
  breakOff,
  text,
]
