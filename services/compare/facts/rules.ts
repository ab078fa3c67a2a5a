import { cjkRules, hasCjk } from './cjk.ts'
import {
  amountBeforeSign,
  itemNumber,
  noHalf,
  noPhone,
  oneOfCounted,
  plainMeasure,
  plainNumber,
  plainPercentage,
  signedAmount,
} from './common-shapes.ts'
import { dateRules } from './dates.ts'
import { type Found, type Rule } from './fact.ts'
import { currencySignPattern, currencyWordPattern, multiplierPattern, readAmount } from './money.ts'
import {
  longMultiplierPattern,
  multiply,
  numberPattern,
  numberWordPattern,
  readNumber,
  readNumberWord,
  scaled,
} from './numbers.ts'
import { begins } from './places.ts'
import { shareOf, sharePattern } from './shares.ts'
import { modifierPattern, unitOf, unitPattern } from './units.ts'

const number = `(${numberPattern})`
// What a pattern begins with is looked for first: that spares most places of a text the rest of it.
const start = String.raw`(?=\d)(?<![\p{L}\d]|\d[.,])`
// The minus of a range (`5-7`) is none.
const sign = String.raw`(?=[-−\d])(?:(?<![\p{L}\d\ue000-\ue1ff])([-−]))?`
const end = String.raw`(?![\p{L}\d]|[.,]\d)`
const multiplier = String.raw`(?:\s?(${multiplierPattern})(?![\p{L}]))?`
const symbol = `(${currencySignPattern})`
const code = `(${currencyWordPattern})`
const gluedCurrency = new RegExp(`^${code}[\\d.,]+$`, 'i')
const modifier = String.raw`(?:(?:${modifierPattern})[\s-]+)?`

function amount(currency: string, digits: string, factor: string | undefined): Found[] {
  return [{ kind: 'amount', ...readAmount(currency, digits, factor) }]
}

function signed(digits: string, minus: string | undefined): string[] {
  const values = readNumber(digits)
  return minus === undefined ? values : values.map((value) => `-${value}`)
}

function measured(numbers: string[], unitWord: string, isWeak = false): Found[] | null {
  const unit = unitOf(unitWord)
  if (unit === undefined) return null
  return [
    { kind: unit.kind, values: numbers.map((value) => `${scaled(value, unit.factor)} ${unit.name}`), numbers, isWeak },
  ]
}

function bare(numbers: string[], isWeak = false): Found[] {
  return [{ kind: 'number', values: numbers, numbers, isWeak }]
}

/** `twelve percent`, `five days`, `three`: without a unit it may stand for many things, so it only backs up. */
function inWords(text: string, number: string, unit: string | undefined): Found[] | null {
  if (unit !== undefined) return measured([number], unit)
  const isShare = /(?:percent|per cent|pct)$/i.test(text)
  return isShare ? [{ kind: 'percentage', values: [number], numbers: [number] }] : bare([number], true)
}

function link(text: string): Found[] {
  const trimmed = text.replace(/[).,;:!?\]}*_'"]+$/, '')
  const [host = '', ...rest] = trimmed
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/$/, '')
    .split('/')
  return [{ kind: 'link', values: [[host.toLowerCase(), ...rest].join('/')], text: trimmed }]
}

/** Letters and digits in one word. Not a number with its unit or ordinal: `10km`, `24-hour`, `1st`. */
function identifier(text: string): Found[] | null {
  const hasBoth = /\p{L}/u.test(text) && /\d/.test(text)
  if (!hasBoth || hasCjk.test(text) || /^\d+(?:[.,]\d+)?(?:[-\u2011]?\p{L}+)+$/u.test(text) || gluedCurrency.test(text))
    return null
  return [{ kind: 'code', values: [text.toLowerCase()] }]
}

function phone(text: string): Found[] | null {
  const digits = text.replaceAll(/\D/g, '')
  // `1000-2000` is a range, `1 000 000` a number.
  const isPhone = /^[+(0]/.test(text) || /^\S+?[ .-]\S+?[ .-]\S/.test(text)
  if (!isPhone || digits.length < 7 || digits.length > 15) return null
  return /^\d{1,3}(?:[ .]\d{3})+$/.test(text) ? bare([digits]) : [{ kind: 'phone number', values: [digits] }]
}

/** `3.11.2`, an address; but `1.299.000` is a number. */
function version(text: string): Found[] | null {
  return /^\d{1,3}(?:\.\d{3})+$/.test(text) ? null : [{ kind: 'code', values: [text] }]
}

const pattern = (source: string): RegExp => new RegExp(source, 'iuy')
const percentWords = 'percent|per cent|pct|prozent|pour cent|por ciento|por cento|per cento|procent'
const shares: Record<string, string> = { half: '50', 'a quarter': '25', 'a third': '33' }
const yes = /^(?:yes|yep|yeah|ja|sí|si|oui|sim)$/i

/** In order: what an earlier rule took is not seen by a later one. */
export const rules: Rule[] = [
  { at: begins.link, pattern: /\b(?:https?:\/\/|www\.)[^\s<>"'`]{1,2000}/iy, read: ([text]) => link(text!) },
  {
    // Without a scheme an address needs a known ending and a path: `Node.js/Express` is none.
    at: begins.address,
    pattern:
      /(?<![\w@./-])(?:[a-z\d-]{1,63}\.){1,4}(?:com|org|net|io|co|de|fr|es|it|nl|eu|uk|us|ch|at|dev|app|ai|gov|edu|info|shop)\/[^\s<>"'`]{1,2000}/iy,
    read: ([text]) => link(text!),
  },
  {
    at: begins.email,
    pattern: /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/y,
    read: ([text]) => [{ kind: 'e-mail address', values: [text!.toLowerCase()] }],
  },
  // Places in a list are layout, not facts; so are footnotes.
  {
    at: begins.layout,
    pattern: /^[ \t]*(?:[-*•]\s*)?(?:\*\*)?\(?\d{1,3}[.)](?=[\s*])|\[\d{1,3}\]|\bstep \d{1,3}\b/imy,
    common: itemNumber,
    read: () => [],
  },
  ...dateRules,
  ...cjkRules,
  { at: begins.dotted, pattern: /(?<![\w.-])\d{1,6}(?:\.\d{1,6}){2,}(?![\w-])/y, read: ([text]) => version(text!) },
  {
    at: begins.identifier,
    pattern:
      /(?=[\p{L}\d#])(?<![\p{L}\d_-])(?=[\p{L}_.#-]{0,400}\d)#?[\p{L}\d]{1,100}(?:[-_.][\p{L}\d]{1,100}){0,20}(?![\p{L}\d_])/uy,
    read: ([text]) => identifier(text!.replace(/^#/, '')),
  },
  {
    at: begins.currency,
    pattern: pattern(`(?<![A-Z])${symbol}\\s?${number}${multiplier}`),
    common: signedAmount,
    read: ([, currency, digits, factor]) => amount(currency!, digits!, factor),
  },
  {
    at: begins.amount,
    pattern: pattern(`${start}${number}${multiplier}\\s?${symbol}`),
    common: amountBeforeSign,
    read: ([, digits, factor, currency]) => amount(currency!, digits!, factor),
  },
  {
    at: begins.currency,
    pattern: pattern(`\\b(?=[a-z]{3,7}\\s?\\d)${code}\\s?${number}${multiplier}${end}`),
    read: ([, name, digits, factor]) => amount(name!, digits!, factor),
  },
  {
    at: begins.amount,
    pattern: pattern(`${start}${number}${multiplier}\\s?${code}(?![\\p{L}])`),
    read: ([, digits, factor, name]) => amount(name!, digits!, factor),
  },
  {
    at: begins.percentage,
    pattern: pattern(`${start}${number}\\s?(?:[%％]|(?:${percentWords})(?![\\p{L}]))`),
    common: plainPercentage,
    read: ([, digits]) => [{ kind: 'percentage', values: readNumber(digits!) }],
  },
  {
    at: begins.millions,
    pattern: pattern(`${start}${number}\\s?(${longMultiplierPattern})(?![\\p{L}])`),
    read: ([, digits, word]) => bare(multiply(readNumber(digits!), word)),
  },
  {
    at: begins.phone,
    pattern: /(?<![\w.,+])\+?\(?\d{1,4}\)?(?:[ .-]\(?\d{2,7}\)?){1,5}(?!\w|[.,]\d)/y,
    common: noPhone,
    read: ([text]) => phone(text!),
  },
  {
    at: begins.measure,
    pattern: pattern(`${sign}${start}${number}[\\s-]?${modifier}(${unitPattern})(?![\\p{L}\\d])`),
    common: plainMeasure,
    read: ([, minus, digits, unit]) => measured(signed(digits!, minus), unit!),
  },
  {
    at: begins.part,
    pattern: /\b(half|a quarter|a third) of\b/iy,
    read: ([, part]) => [{ kind: 'percentage', values: [shares[part!.toLowerCase()]!], isWeak: true }],
  },
  {
    at: begins.share,
    pattern: pattern(`(?<![\\p{L}])(${sharePattern})(?![\\p{L}])`),
    read: ([, part]) => [{ kind: 'percentage', values: [shareOf(part!)], isWeak: true }],
  },
  {
    at: begins.part,
    pattern: /\bhalf an? (hour|day|year)\b/iy,
    read: ([, unit]) => measured(['0.5'], unit!),
  },
  {
    at: begins.article,
    pattern: /\b(?:an?|one) (hour|day|week|month|year) and a half\b/iy,
    common: noHalf,
    read: ([, unit]) => measured(['1.5'], unit!),
  },
  {
    at: begins.article,
    pattern: /\b(?:an?|one|per) (second|minute|hour|day|week|month|year)\b/iy,
    common: oneOfCounted,
    read: ([, unit]) => measured(['1'], unit!, true),
  },
  {
    at: begins.numberWord,
    pattern: pattern(
      `\\b(?=[a-z])(${numberWordPattern})(?![\\p{L}])(?:[\\s-]${modifier}(${unitPattern})(?![\\p{L}\\d])|\\s(?:percent|per cent|pct)(?![\\p{L}]))?`,
    ),
    read: ([text, word, unit]) => inWords(text!, String(readNumberWord(word!)), unit),
  },
  {
    at: begins.ordinal,
    pattern: pattern(String.raw`(?=\d)(?<![\p{L}\d])(\d{1,3})(?:st|nd|rd|th)(?![\p{L}\d])`),
    read: ([, digits]) => bare([digits!], true),
  },
  {
    at: begins.anyNumber,
    pattern: pattern(String.raw`${sign}(?<![\p{L}\d])${number}`),
    common: plainNumber,
    read: ([, minus, digits]) => bare(signed(digits!, minus)),
  },
  {
    at: begins.answer,
    pattern: /^[^\p{L}\d]{0,5}(yes|yep|yeah|no|nope|ja|nein|sí|si|oui|non|sim|não)(?=[,.!:;—–]|\s[—–-]|\s*$)/iuy,
    read: ([, word]) => [{ kind: 'answer', values: [yes.test(word!) ? 'yes' : 'no'] }],
  },
]
