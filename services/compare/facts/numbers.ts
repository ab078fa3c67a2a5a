/** A number as people write it: thousands in groups of three, a decimal point or comma. */
export const numberPattern = String.raw`\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3}(?!\d))+(?:[.,]\d{1,9}(?!\d))?|\d{1,40}(?:[.,]\d{1,20})?`

const comma = 0x2c
const dot = 0x2e
const zero = 0x30
const nine = 0x39

/**
 * Every value the notation may stand for, in normal form: `1,299` is 1299 or 1.299, `1.299,50` only 1299.5.
 * Digits beyond what a double holds are kept as they are.
 */
export function readNumber(text: string): string[] {
  const { length } = text
  let mark = -1
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at)
    if (isDigit(unit)) continue
    if (mark !== -1 || at === 0 || (unit !== comma && unit !== dot)) return readGrouped(text)
    mark = at
  }
  if (length === 0) return readGrouped(text)
  if (mark === -1) return [whole(text)]
  const value = fractional(text.slice(0, mark), text.slice(mark + 1))
  return mark <= 3 && length - mark === 4 ? [whole(text.slice(0, mark) + text.slice(mark + 1)), value] : [value]
}

/** A number with more in it than digits and one mark between them. */
function readGrouped(text: string): string[] {
  const bare = text.replaceAll(/['’ \u00a0\u202f]/g, '')
  const marks = bare.match(/[.,]/g) ?? []
  if (marks.length === 0) return [whole(bare)]
  const last = marks.at(-1)!
  if (new Set(marks).size === 2 || marks.length === 1) {
    const at = bare.lastIndexOf(last)
    const value = fractional(bare.slice(0, at).replaceAll(/[.,]/g, ''), bare.slice(at + 1))
    return /^\d{1,3}[.,]\d{3}$/.test(bare) ? [whole(bare.replace(last, '')), value] : [value]
  }
  return [whole(bare.replaceAll(last, ''))]
}

/** No leading zeros in front of another digit. */
function whole(digits: string): string {
  let start = 0
  while (start < digits.length - 1 && digits.charCodeAt(start) === zero && isDigit(digits.charCodeAt(start + 1)))
    start++
  return digits.slice(start) || '0'
}

/** No trailing zeros behind the point. */
function fractional(digits: string, fraction: string): string {
  let end = fraction.length
  while (end > 0 && fraction.charCodeAt(end - 1) === zero) end--
  return end === 0 ? whole(digits) : `${whole(digits)}.${fraction.slice(0, end)}`
}

const isDigit = (unit: number): boolean => unit >= zero && unit <= nine

const multipliers: Record<string, number> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  mio: 1e6,
  million: 1e6,
  bn: 1e9,
  billion: 1e9,
}

/** Those that are words: behind a number without a unit a letter may mean anything. */
const longMultipliers: Record<string, number> = {
  thousand: 1e3,
  tausend: 1e3,
  'tsd.': 1e3,
  million: 1e6,
  millions: 1e6,
  mio: 1e6,
  'mio.': 1e6,
  millionen: 1e6,
  millones: 1e6,
  milioni: 1e6,
  milhões: 1e6,
  miljoen: 1e6,
  billion: 1e9,
  'mrd.': 1e9,
  milliarden: 1e9,
  milliard: 1e9,
  milliards: 1e9,
  miliardi: 1e9,
  miljard: 1e9,
}
export const longMultiplierPattern = Object.keys(longMultipliers)
  .toSorted((left, right) => right.length - left.length)
  .map((word) => word.replace('.', String.raw`\.`))
  .join('|')

export function multiply(values: string[], word: string | undefined): string[] {
  const factor =
    word === undefined ? undefined : (multipliers[word.toLowerCase()] ?? longMultipliers[word.toLowerCase()])
  return factor === undefined ? values : values.map((value) => scaled(value, factor))
}

/** Whole numbers below it have at most 12 digits. */
const tooLong = 1e12

/** So short, a positive number in normal form is written as `String` writes it. */
const maxPlainChars = 6

/** Rounded to 12 digits, so that 1.1 × 60 is 66. */
export function scaled(value: string, factor: number): string {
  if (factor === 1 && value.length <= maxPlainChars && isDigit(value.charCodeAt(0))) return value
  const product = Number(value) * factor
  return String(Number.isInteger(product) && Math.abs(product) < tooLong ? product : Number(product.toPrecision(12)))
}

const small = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ')
/** From two: the words for one are articles. */
const foreign = [
  'zwei drei vier fünf sechs sieben acht neun zehn elf zwölf',
  'deux trois quatre cinq six sept huit neuf dix onze douze',
  'dos tres cuatro cinco seis siete ocho nueve diez',
].flatMap((list) => list.split(' ').map((word, at): [string, number] => [word, at + 2]))
const words = new Map<string, number>([
  ...small.map((word, value): [string, number] => [word, value]),
  ...'thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
    .split(' ')
    .map((word, at): [string, number] => [word, at + 13]),
  ...'twenty thirty forty fifty sixty seventy eighty ninety'
    .split(' ')
    .map((word, at): [string, number] => [word, at * 10 + 20]),
  ...foreign,
])

export const numberWordPattern = [...words.keys()].toSorted((left, right) => right.length - left.length).join('|')
export const readNumberWord = (word: string): number | undefined => words.get(word.toLowerCase())
