import { type TapConfig } from '../../shared/config/schema.ts'
import { maskAroundBase64 } from './base64.ts'
import { customDetectors, windowLength } from './custom-detectors.ts'
import { builtinDetectors, type Detector } from './detectors.ts'

/** Masks texts of one exchange: the same value is the same placeholder in all of them. */
export type Redaction = {
  text(text: string): string
  /** Would `text` change it? Leaves the numbering alone. */
  finds(text: string): boolean
  /** False: `text` would change no string of this JSON, nor any line of several JSON texts. */
  mayFindIn(json: string): boolean
}

type Detectors = { builtin: readonly Detector[]; custom: readonly Detector[] }
type Mask = (detector: Detector, value: string) => string

/** Compiles the detectors once; throws CONFIG_INVALID naming the pattern. Each call of the result is one exchange. */
export function createRedactor(config: TapConfig['redact']): () => Redaction {
  const detectors = { builtin: config.builtin ? builtinDetectors : [], custom: customDetectors(config.patterns) }
  const mayFindIn = (json: string) =>
    detectors.custom.length > 0 || mayHide(json) || detectors.builtin.some((detector) => hasHint(json, detector))
  return () => {
    const placeholderOf = createNumbering()
    return {
      text: (text) => maskText(text, detectors, placeholderOf),
      finds: (text) => maskText(text, detectors, () => '\u0000') !== text,
      mayFindIn,
    }
  }
}

/** `[LABEL_n]`, counted by label in order of first appearance. */
function createNumbering(): Mask {
  const placeholders = new Map<string, string>()
  const counts = new Map<string, number>()
  return ({ label, normalise }, value) => {
    const id = `${label} ${normalise?.(value) ?? value}`
    const known = placeholders.get(id)
    if (known !== undefined) return known
    const count = (counts.get(label) ?? 0) + 1
    counts.set(label, count)
    placeholders.set(id, `[${label}_${count}]`)
    return `[${label}_${count}]`
  }
}

function maskText(text: string, detectors: Detectors, mask: Mask): string {
  return maskAroundBase64(text, (part) => maskAll(part, detectors, mask))
}

function maskAll(text: string, { builtin, custom }: Detectors, mask: Mask): string {
  if (text === '') return text
  const masked = builtin.reduce((masked, detector) => replaceAll(masked, detector, mask), text)
  return custom.reduce((masked, detector) => replaceInWindows(masked, detector, mask), masked)
}

function hasHint(text: string, { hints }: Detector): boolean {
  for (const hint of hints) if (typeof hint === 'string' ? text.includes(hint) : hint.test(text)) return true
  return false
}

/** An escape may stand for a character of a hint, and base64 for a text with one. */
function mayHide(json: string): boolean {
  return json.includes('\\u00') || json.includes(';base64,')
}

function replaceAll(text: string, detector: Detector, mask: Mask): string {
  if (!hasHint(text, detector)) return text
  const { regex, accept } = detector
  let masked = ''
  let copied = 0
  regex.lastIndex = 0
  for (let match = regex.exec(text); match !== null; match = regex.exec(text)) {
    const value = accept === undefined ? match[0] : accept(match[0])
    // A match that fails its check may hide a true one that starts inside it. Only runs without any digit are longer
    // than this, and nothing inside them could pass either; searching them again from each position would be quadratic.
    if (value === null && match[0].length <= 64) regex.lastIndex = match.index + 1
    if (value === null || value === '') continue
    masked += text.slice(copied, match.index) + mask(detector, value)
    copied = match.index + value.length
    regex.lastIndex = copied
  }
  return copied === 0 ? text : masked + text.slice(copied)
}

const windowOverlap = 512

/** A pattern of the config never sees more than a window; windows overlap, so that a match on a border is found. */
function replaceInWindows(text: string, detector: Detector, mask: Mask): string {
  if (text.length <= windowLength) return replaceAll(text, detector, mask)
  let masked = ''
  let position = 0
  while (position < text.length) {
    const window = text.slice(position, position + windowLength)
    const isLast = position + windowLength >= text.length
    // Up to here matches are whole: one that starts later is left to the next window.
    const border = isLast ? window.length : windowLength - windowOverlap
    const [done, length] = replaceUpTo(window, border, detector, mask)
    masked += done
    position += length
  }
  return masked
}

function replaceUpTo(window: string, border: number, detector: Detector, mask: Mask): [done: string, length: number] {
  const { regex } = detector
  let masked = ''
  let copied = 0
  regex.lastIndex = 0
  for (let match = regex.exec(window); match !== null && match.index < border; match = regex.exec(window)) {
    if (match[0] === '') {
      regex.lastIndex += 1
      continue
    }
    masked += window.slice(copied, match.index) + mask(detector, match[0])
    copied = match.index + match[0].length
  }
  const end = Math.max(copied, border)
  return [masked + window.slice(copied, end), end]
}
