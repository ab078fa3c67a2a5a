import { isValidJson } from '../json/read.ts'
import { type Pair } from '../pair.ts'
import { languageOf } from '../text/language.ts'
import { scriptOf } from '../text/script.ts'
import { broken, type Rung } from './rung.ts'

/** Was JSON asked for, or given as a whole document? */
export function isAboutJson(pair: Pair): boolean {
  if (pair.task === 'json' || pair.jsonExpected) return true
  const text = pair.served.text.trimStart()
  return (text.startsWith('{') || text.startsWith('[')) && isValidJson(text)
}

/** Documents too long or too deep to be read are the same only as the same text. */
export const unreadJson: Rung = (pair) => {
  if (!isAboutJson(pair) || pair.servedJson() !== null || !isValidJson(pair.served.text)) return null
  if (pair.served.text.trim() === pair.arm.text.trim()) return { decidedBy: 'json', quality: 1, differences: [] }
  return broken('json', 'another document, too long or too deep to be compared field by field', pair)
}

/** As strict with the arm as the served answer was: a client that reads fenced JSON from one model reads it from both. */
export const jsonFormat: Rung = (pair) => {
  const served = isAboutJson(pair) ? pair.servedJson() : null
  if (served === null) return null
  const arm = pair.armJson()
  if (arm === null) return broken('format', 'the arm’s answer is not valid JSON', pair)
  return arm.form === 'fenced' && served.form === 'strict'
    ? broken('format', 'fenced JSON: the arm’s answer is JSON only inside a Markdown code block', pair)
    : null
}

export const emptiness: Rung = (pair) => {
  const [served, arm] = [pair.served.text.trim() === '', pair.arm.text.trim() === '']
  if (served === arm) return null
  return broken('format', arm ? 'the arm’s answer is empty' : 'the served answer is empty, the arm’s is not', pair)
}

export const script: Rung = (pair) => {
  const [served, arm] = [scriptOf(pair.served.text), scriptOf(pair.arm.text)]
  if (served === null || arm === null || served === arm) return null
  return broken('format', `another script: ${served} became ${arm}`, pair)
}

export const language: Rung = (pair) => {
  const [served, arm] = [languageOf(pair.served.text), languageOf(pair.arm.text)]
  if (served === null || arm === null || served === arm) return null
  return broken('format', `another language: ${served} became ${arm}`, pair)
}

const maxLengthRatio = 4
/** Two short answers may well differ by more than that. */
const minComparedChars = 400

export const length: Rung = (pair) => {
  if (pair.task !== 'text' || pair.served.outcome === 'truncated_by_limit') return null
  const [served, arm] = [pair.served.text.length, pair.arm.text.length]
  const isGross = Math.max(served, arm) > maxLengthRatio * Math.min(served, arm)
  if (Math.max(served, arm) < minComparedChars || !isGross) return null
  return broken('format', `another length: ${served} characters became ${arm}`, pair)
}
