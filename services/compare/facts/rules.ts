import { cjkRules, hasCjk } from './cjk.ts'
import { dateRules } from './dates.ts'
import { type Fact } from './fact.ts'
import {
  multiplierPattern,
  multiply,
  numberPattern,
  numberWordPattern,
  readNumber,
  readNumberWord,
  scaled,
} from './numbers.ts'
import { unitOf, unitPattern } from './units.ts'

type Found = Pick<Fact, 'kind' | 'values'> & Partial<Fact>

/** Null: looked like one and is not; later rules see the text again. An empty list takes it as no fact at all. */
export type Rule = {
  pattern: RegExp
  read: (match: string[]) => Found[] | null
  /** Is in every match: a text without it need not be searched. */
  sign?: RegExp
}

const number = `(${numberPattern})`
// What a pattern begins with is looked for first: that spares most places of a text the rest of it.
const start = String.raw`(?=\d)(?<![\p{L}\d]|\d[.,])`
// The minus of a range (`5-7`) is none.
const sign = String.raw`(?=[-−\d])(?:(?<![\p{L}\d\ue000-\ue1ff])([-−]))?`
const end = String.raw`(?![\p{L}\d]|[.,]\d)`
const multiplier = String.raw`(?:\s?(k|thousand|mio|million|m|bn|billion)(?![\p{L}]))?`
const symbol = String.raw`(?<![A-Z])((?:US|R|CA?|AU?|NZ|HK|S|MX)\$|[$€£¥₹₩₺₽₴₪]|(?:zł|Kč|kr)(?![\p{L}]))`
const symbolSign = /[$€£¥₹₩₺₽₴₪]|zł|kč|kr/i
const code =
  '(USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|SGD|SEK|NOK|DKK|PLN|CZK|BRL|MXN|KRW|ZAR|dollars?|euros?|yen|rupees)'
const gluedCurrency = new RegExp(`^${code}[\\d.,]+$`, 'i')
const modifier = String.raw`(?:(?:business|working|calendar|consecutive|full|more|additional)[\s-]+)?`

const currencies: Record<string, string> = {
  $: 'USD',
  us$: 'USD',
  r$: 'BRL',
  c$: 'CAD',
  ca$: 'CAD',
  a$: 'AUD',
  au$: 'AUD',
  nz$: 'NZD',
  hk$: 'HKD',
  s$: 'SGD',
  mx$: 'MXN',
  '₩': 'KRW',
  '₺': 'TRY',
  '₽': 'RUB',
  '₴': 'UAH',
  '₪': 'ILS',
  zł: 'PLN',
  kč: 'CZK',
  kr: 'SEK',
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  '₹': 'INR',
  dollar: 'USD',
  dollars: 'USD',
  euro: 'EUR',
  euros: 'EUR',
  yen: 'JPY',
  rupees: 'INR',
}

function amount(currency: string, digits: string, factor: string | undefined): Found[] {
  const name = currencies[currency.toLowerCase()] ?? currency.toUpperCase()
  const numbers = multiply(readNumber(digits), factor)
  return [{ kind: 'amount', values: numbers.map((value) => `${name} ${value}`), numbers }]
}

function signed(digits: string, minus: string | undefined): string[] {
  return readNumber(digits).map((value) => (minus === undefined ? value : `-${value}`))
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

const pattern = (source: string): RegExp => new RegExp(source, 'giu')
const percentWords = 'percent|per cent|pct|prozent|pour cent|por ciento|por cento|per cento|procent'
const parts: Record<string, string> = {
  'die hälfte': '50',
  'ein viertel': '25',
  'ein drittel': '33',
  'la moitié': '50',
  'un quart': '25',
  'un tiers': '33',
  'la mitad': '50',
  'un cuarto': '25',
  'un tercio': '33',
  'la metà': '50',
  'un quarto': '25',
  'un terzo': '33',
  'de helft': '50',
  'een kwart': '25',
}
const shares: Record<string, string> = { half: '50', 'a quarter': '25', 'a third': '33' }
const yes = /^(?:yes|yep|yeah|ja|sí|si|oui|sim)$/i

/** In order: what an earlier rule took is not seen by a later one. */
export const rules: Rule[] = [
  { pattern: /\b(?:https?:\/\/|www\.)[^\s<>"'`]{1,2000}/gi, read: ([text]) => link(text!) },
  {
    // Without a scheme an address needs a known ending and a path: `Node.js/Express` is none.
    pattern:
      /(?<![\w@./-])(?:[a-z\d-]{1,63}\.){1,4}(?:com|org|net|io|co|de|fr|es|it|nl|eu|uk|us|ch|at|dev|app|ai|gov|edu|info|shop)\/[^\s<>"'`]{1,2000}/gi,
    sign: /\//,
    read: ([text]) => link(text!),
  },
  {
    pattern: /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g,
    sign: /@/,
    read: ([text]) => [{ kind: 'e-mail address', values: [text!.toLowerCase()] }],
  },
  // Places in a list are layout, not facts; so are footnotes.
  { pattern: /^[ \t]*(?:[-*•]\s*)?(?:\*\*)?\(?\d{1,3}[.)](?=[\s*])|\[\d{1,3}\]|\bstep \d{1,3}\b/gim, read: () => [] },
  ...dateRules,
  ...cjkRules,
  { pattern: /(?<![\w.-])\d{1,6}(?:\.\d{1,6}){2,}(?![\w-])/g, read: ([text]) => version(text!) },
  {
    pattern:
      /(?=[\p{L}\d#])(?<![\p{L}\d_-])(?=[\p{L}_.#-]{0,400}\d)#?[\p{L}\d]{1,100}(?:[-_.][\p{L}\d]{1,100}){0,20}(?![\p{L}\d_])/gu,
    sign: /[\p{L}_.#-]\d|\d[-_.]?\p{L}/u,
    read: ([text]) => identifier(text!.replace(/^#/, '')),
  },
  {
    pattern: pattern(`(?=[$€£¥₹₩₺₽₴₪urcanhsmzk])${symbol}\\s?${number}${multiplier}`),
    sign: symbolSign,
    read: ([, currency, digits, factor]) => amount(currency!, digits!, factor),
  },
  {
    pattern: pattern(`${start}${number}${multiplier}\\s?${symbol}`),
    sign: symbolSign,
    read: ([, digits, factor, currency]) => amount(currency!, digits!, factor),
  },
  {
    pattern: pattern(`\\b(?=[a-z]{3,7}\\s?\\d)${code}\\s?${number}${multiplier}${end}`),
    read: ([, name, digits, factor]) => amount(name!, digits!, factor),
  },
  {
    pattern: pattern(`${start}${number}${multiplier}\\s?${code}(?![\\p{L}])`),
    read: ([, digits, factor, name]) => amount(name!, digits!, factor),
  },
  {
    pattern: pattern(`${start}${number}\\s?(?:[%％]|(?:${percentWords})(?![\\p{L}]))`),
    read: ([, digits]) => [{ kind: 'percentage', values: readNumber(digits!), numbers: readNumber(digits!) }],
  },
  {
    pattern: pattern(`${start}${number}\\s?(${multiplierPattern})(?![\\p{L}])`),
    sign: /\d\s?(?:th|ta|ts|mi|mr|bi)/i,
    read: ([, digits, word]) => bare(multiply(readNumber(digits!), word)),
  },
  {
    pattern: /(?<![\w.,+])\+?\(?\d{1,4}\)?(?:[ .-]\(?\d{2,7}\)?){1,5}(?!\w|[.,]\d)/g,
    read: ([text]) => phone(text!),
  },
  {
    pattern: pattern(`${sign}${start}${number}[\\s-]?${modifier}(${unitPattern})(?![\\p{L}\\d])`),
    read: ([, minus, digits, unit]) => measured(signed(digits!, minus), unit!),
  },
  {
    pattern: /\b(half|a quarter|a third) of\b/gi,
    read: ([, part]) => [{ kind: 'percentage', values: [shares[part!.toLowerCase()]!], isWeak: true }],
  },
  {
    pattern: pattern(`(?=[deul])(?<![\\p{L}])(${Object.keys(parts).join('|')})(?![\\p{L}])`),
    sign: /hälfte|viertel|drittel|moitié|quart|tiers|mitad|tercio|metà|terzo|helft|kwart/i,
    read: ([, part]) => [{ kind: 'percentage', values: [parts[part!.toLowerCase()]!], isWeak: true }],
  },
  {
    pattern: /\bhalf an? (hour|day|year)\b/gi,
    read: ([, unit]) => measured(['0.5'], unit!),
  },
  {
    pattern: /\b(?:an?|one) (hour|day|week|month|year) and a half\b/gi,
    read: ([, unit]) => measured(['1.5'], unit!),
  },
  {
    pattern: /\b(?:an?|one|per) (second|minute|hour|day|week|month|year)\b/gi,
    read: ([, unit]) => measured(['1'], unit!, true),
  },
  {
    pattern: pattern(
      `\\b(?=[a-z])(${numberWordPattern})(?![\\p{L}])(?:[\\s-]${modifier}(${unitPattern})(?![\\p{L}\\d])|\\s(?:percent|per cent|pct)(?![\\p{L}]))?`,
    ),
    read: ([text, word, unit]) => inWords(text!, String(readNumberWord(word!)), unit),
  },
  {
    pattern: pattern(String.raw`(?=\d)(?<![\p{L}\d])(\d{1,3})(?:st|nd|rd|th)(?![\p{L}\d])`),
    read: ([, digits]) => bare([digits!], true),
  },
  {
    pattern: pattern(String.raw`${sign}(?<![\p{L}\d])${number}`),
    read: ([, minus, digits]) => bare(signed(digits!, minus)),
  },
  {
    pattern: /^[^\p{L}\d]{0,5}(yes|yep|yeah|no|nope|ja|nein|sí|si|oui|non|sim|não)(?=[,.!:;—–]|\s[—–-]|\s*$)/iu,
    read: ([, word]) => [{ kind: 'answer', values: [yes.test(word!) ? 'yes' : 'no'] }],
  },
]
