import { isValidJson } from '../json/read.ts'
import { schemaViolation } from '../json/schema.ts'
import { type Pair } from '../pair.ts'
import { unitsOf } from '../text/characters.ts'
import { languageOf } from '../text/language.ts'
import { scriptOf } from '../text/script.ts'
import { agreed, broken, type Rung } from './rung.ts'

/** Was JSON asked for, or given as a whole document? */
export function isAboutJson(pair: Pair): boolean {
  if (pair.task === 'json' || pair.jsonExpected) return true
  const text = pair.served.text.trimStart()
  return (text.startsWith('{') || text.startsWith('[')) && isValidJson(text)
}

/** Documents too long or too deep to be read are the same only as the same text. */
export const unreadJson: Rung = (pair) => {
  if (!isAboutJson(pair) || pair.servedJson() !== null || !isValidJson(pair.served.text)) return null
  if (pair.served.text.trim() === pair.arm.text.trim()) return agreed('json', 'same')
  return broken('json', 'unread', 'another document, too long or too deep to be compared field by field', pair)
}

/** As strict with the arm as the served answer was: a client that reads fenced JSON from one model reads it from both. */
export const jsonFormat: Rung = (pair) => {
  const served = isAboutJson(pair) ? pair.servedJson() : null
  if (served === null) return null
  const arm = pair.armJson()
  if (arm === null) return broken('format', 'json_invalid', 'the arm’s answer is not valid JSON', pair)
  return arm.form === 'fenced' && served.form === 'strict'
    ? broken('format', 'json_fenced', 'fenced JSON: the arm’s answer is JSON only inside a Markdown code block', pair)
    : null
}

/** Where the served answer keeps to the schema that was asked for, a client may rely on it. */
export const jsonSchema: Rung = (pair) => {
  if (pair.schema === null || pair.served.toolCalls.length > 0) return null
  const [served, arm] = [pair.servedJson(), pair.armJson()]
  if (served === null || arm === null) return null
  const violation = schemaViolation(pair.schema, arm.value)
  if (violation === null || schemaViolation(pair.schema, served.value) !== null) return null
  return broken('format', 'json_schema', `the arm’s answer breaks the schema that was asked for: ${violation}`, pair)
}

export const emptiness: Rung = (pair) => {
  const [served, arm] = [pair.served.text.trim() === '', pair.arm.text.trim() === '']
  if (served === arm) return null
  return broken(
    'format',
    'empty',
    arm ? 'the arm’s answer is empty' : 'the served answer is empty, the arm’s is not',
    pair,
  )
}

const fencedWhole = /^```[^\n`]*\n([\s\S]*?)\n?```$/

/**
 * The same text, a whole Markdown code block in one answer and bare in the other: a page shows both alike, a program that reads
 * the answer as it is does not. Who reads it is not known, so that a person must say.
 */
export const fencedText: Rung = (pair) => {
  const [served, arm] = [pair.served.text.trim(), pair.arm.text.trim()]
  if (!served.includes('```') && !arm.includes('```')) return null
  const [inServed, inArm] = [fencedWhole.exec(served)?.[1], fencedWhole.exec(arm)?.[1]]
  if ((inServed === undefined) === (inArm === undefined)) return null
  if ((inServed ?? served).trim() !== (inArm ?? arm).trim()) return null
  const message =
    inArm === undefined ? 'the code block around the answer is gone' : 'a code block is put around the answer'
  const difference = { rung: 'format', kind: 'fence', path: null, message, served, arm } as const
  return { decidedBy: 'text', outcome: 'unsure', quality: 1, differences: [{ ...difference, severity: 'unsure' }] }
}

/** A code block that is opened and never closed swallows the rest of the answer, or the answer was cut off in it. */
export const openFence: Rung = (pair) => {
  if (!isFenceOpen(pair.arm.text) || isFenceOpen(pair.served.text)) return null
  return broken('format', 'fence_open', 'a code block of the arm’s answer is not closed', pair)
}

const isFenceOpen = (text: string): boolean =>
  text.includes('```') && (text.match(/^[ \t]*```/gm)?.length ?? 0) % 2 === 1

export const script: Rung = (pair) => {
  const [served, arm] = [scriptOf(pair.served.text), scriptOf(pair.arm.text)]
  if (served === null || arm === null || served === arm) return null
  return broken('format', 'language', `another script: ${served} became ${arm}`, pair)
}

export const language: Rung = (pair) => {
  const [served, arm] = [languageOf(pair.served.text), languageOf(pair.arm.text)]
  if (served === null || arm === null || served === arm) return null
  return broken('format', 'language', `another language: ${served} became ${arm}`, pair)
}

const maxLengthRatio = 4
/** Two short answers may well differ by more than that. */
const minComparedChars = 400

export const length: Rung = (pair) => {
  if (pair.task !== 'text' || pair.served.outcome === 'truncated_by_limit') return null
  const [served, arm] = [pair.served.text.length, pair.arm.text.length]
  const isGross = Math.max(served, arm) > maxLengthRatio * Math.min(served, arm)
  if (Math.max(served, arm) < minComparedChars || !isGross) return null
  return broken('format', 'length', `another length: ${served} characters became ${arm}`, pair)
}

/** Words after which no sentence ends, and marks that show one begun. */
const unfinished = /(?:[,(–—-]|\b(?:a|an|the|of|to|and|or|in|with|for|und|oder|der|die|das|mit|et|de|le|la|y|el))$/i
const finishing = unitsOf('.!?…。！？:)]"”»`*')
const isFinished = (text: string): boolean => finishing.has(text.charCodeAt(text.length - 1))
const minCutChars = 20

/** The arm's answer says that it is whole, and breaks off in the middle of a sentence all the same. */
export const breakOff: Rung = (pair) => {
  const [served, arm] = [pair.served.text.trim(), pair.arm.text.trim()]
  if (pair.task !== 'text' || arm.length < minCutChars || arm.length >= served.length || !isFinished(served))
    return null
  const isCut = !isFinished(arm) && (served.startsWith(arm) || unfinished.test(arm))
  return isCut ? broken('format', 'truncation', 'the arm’s answer breaks off', pair) : null
}
