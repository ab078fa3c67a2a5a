/** A number as people write it: thousands in groups of three, a decimal point or comma. */
export const numberPattern = String.raw`\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3}(?!\d))+(?:[.,]\d{1,9}(?!\d))?|\d{1,40}(?:[.,]\d{1,20})?`

/**
 * Every value the notation may stand for, in normal form: `1,299` is 1299 or 1.299, `1.299,50` only 1299.5.
 * Digits beyond what a double holds are kept as they are.
 */
export function readNumber(text: string): string[] {
  const bare = text.replaceAll(/['’ \u00a0\u202f]/g, '')
  const marks = bare.match(/[.,]/g) ?? []
  if (marks.length === 0) return [canonical(bare)]
  const last = marks.at(-1)!
  if (new Set(marks).size === 2) return [decimal(bare, last)]
  if (marks.length > 1) return [canonical(bare.replaceAll(last, ''))]
  if (!/^\d{1,3}[.,]\d{3}$/.test(bare)) return [decimal(bare, last)]
  return [canonical(bare.replace(last, '')), decimal(bare, last)]
}

function decimal(text: string, point: string): string {
  const at = text.lastIndexOf(point)
  return canonical(`${text.slice(0, at).replaceAll(/[.,]/g, '')}.${text.slice(at + 1)}`)
}

/** No leading zeros in front of another digit, no trailing zeros behind the point. */
function canonical(text: string): string {
  const [whole = '0', fraction = ''] = text.split('.')
  const tail = fraction.replace(/0+$/, '')
  return (whole.replace(/^0+(?=\d)/, '') || '0') + (tail === '' ? '' : `.${tail}`)
}

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

/** Rounded to 12 digits, so that 1.1 × 60 is 66. */
export function scaled(value: string, factor: number): string {
  return String(Number((Number(value) * factor).toPrecision(12)))
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
