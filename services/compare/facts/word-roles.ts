import { wordTable } from '../text/vocabulary.ts'
import { currencySignWords, currencyWordPattern, multiplierPattern } from './money.ts'
import { foreignMonthPattern, monthPattern } from './months.ts'
import { longMultiplierPattern, numberWordPattern } from './numbers.ts'
import { shareArticlePattern, shareNounPattern } from './shares.ts'
import { modifierPattern, unitOpeningPattern } from './units.ts'
import { foreignWeekdayPattern, weekdayPattern } from './weekdays.ts'

// What a word is, one bit each; of a word of mixed alphabets, what any part of it is.
export const isMonth = 1
export const isCurrency = 2
export const isMultiplier = 4
export const isUnit = 8
export const isPercent = 16
export const isOrdinal = 32
export const isHalfDay = 64
export const isNumber = 128
export const isWeekday = 256
export const isLink = 512
export const isStep = 1024
export const isArticle = 2048
export const isCounted = 4096
export const isHalf = 8192
export const isAnswer = 16_384
export const isEnding = 32_768
export const isMixed = 65_536
export const isMillions = 131_072
export const isShareArticle = 262_144
export const isShare = 524_288
/** May stand between a day and its month. */
export const isBetween = 1_048_576
export const isPart = 2_097_152
/** What a rule may begin with. */
export const isOpening =
  isMonth | isCurrency | isNumber | isWeekday | isLink | isStep | isArticle | isHalf | isShareArticle

const roles: [role: number, pattern: RegExp][] = [
  [isMonth, new RegExp(`^(?:${monthPattern}|${foreignMonthPattern})$`, 'iu')],
  [isCurrency, new RegExp(`^(?:${currencyWordPattern}|${currencySignWords})$`, 'iu')],
  [isMultiplier, new RegExp(`^(?:${multiplierPattern})$`, 'iu')],
  [isUnit, new RegExp(`^(?:${unitOpeningPattern}|${modifierPattern})$`, 'iu')],
  [isPercent, /^(?:percent|per|pct|prozent|pour|por|procent)$/iu],
  [isOrdinal, /^(?:st|nd|rd|th)$/iu],
  [isHalfDay, /^(?:[ap](?:m(?![a-z])|$)|uhr\b|h$)/i],
  [isNumber, new RegExp(`^(?:${numberWordPattern})$`, 'iu')],
  [isWeekday, new RegExp(`^(?:week(?:end|day)|${weekdayPattern})s?\\b`, 'i')],
  [isWeekday, new RegExp(`^(?:${foreignWeekdayPattern.replaceAll('-feira', '')})s?$`, 'iu')],
  [isLink, /^(?:https?|www)$/i],
  [isStep, /^step$/i],
  [isArticle, /^(?:an?|one|per)$/i],
  [isCounted, /^(?:second|minute|hour|day|week|month|year|quarter|third)\b/i],
  [isHalf, /^half$/i],
  [isPart, /^(?:quarter|third)\b/i],
  [isBetween, /^(?:st|nd|rd|th|er|º|of|de)$/iu],
  [isMillions, new RegExp(`^(?:${longMultiplierPattern.replaceAll(String.raw`\.`, '')})$`, 'iu')],
  [isShareArticle, new RegExp(`^(?:${shareArticlePattern})$`, 'iu')],
  [isShare, new RegExp(`^(?:${shareNounPattern})$`, 'iu')],
  [isAnswer, /^(?:yes|yep|yeah|no|nope|ja|nein|sí|si|oui|non|sim|não)$/iu],
  [isEnding, /^(?:com|org|net|io|co|de|fr|es|it|nl|eu|uk|us|ch|at|dev|app|ai|gov|edu|info|shop)$/i],
]

export const roleOf = wordTable((word) => {
  const isPlain = /^[a-z]*$/.test(word)
  const parts = isPlain ? [word] : [word, ...partsOf(word).flatMap((at) => [word.slice(at), ...asciiAt(word, at)])]
  let found = isPlain ? 0 : isMixed
  for (const part of parts) for (const [role, pattern] of roles) if (pattern.test(part)) found |= role
  return found
})

/** Where ASCII letters begin behind another letter: for `\b`, that is where a word begins. `ſ` is both, as case is ignored. */
export const partsOf = (word: string): number[] =>
  Array.from(word.matchAll(/(?<=[^a-z])[a-zſ]/gi), ({ index }) => index)
const asciiAt = (word: string, at: number): string[] => /^[a-z]+/i.exec(word.slice(at)) ?? []
