import { labels } from './kinds.ts'
import { pick, type Random } from './random.ts'
import { type Fields, type Truth } from './traffic.ts'

/**
 * A right answer made wrong in a way that word overlap hardly sees: a lost `not`, an altered digit of an amount, a date
 * or an id, another label.
 */
export function slip(truth: Truth, random: Random): Truth {
  if (truth.type === 'text') return { type: 'text', answers: [slipInText(pick(random, truth.answers), random)] }
  if (truth.type === 'json') return { type: 'json', value: slipInObject(truth.value, random) }
  if (truth.type === 'tool') return { ...truth, arguments: slipInObject(truth.arguments, random) }
  const others = labels.filter((label) => label !== truth.label)
  return { type: 'label', label: pick(random, others) }
}

export function slipInText(text: string, random: Random): string {
  const negations = [...text.matchAll(/ not\b/g)]
  const numbers = [...text.matchAll(/\d+/g)].filter(isWholePart)
  const { index, 0: found } = pick(random, [...negations, ...numbers])
  const replacement = found === ' not' ? '' : otherDigit(found, random)
  return text.slice(0, index) + replacement + text.slice(index + found.length)
}

/** The cents of an amount are left alone: 48.90 becomes 46.90, not 48.93. */
function isWholePart({ index, input }: RegExpExecArray): boolean {
  return !/\d\.$/.test(input.slice(0, index))
}

function otherDigit(digits: string, random: Random): string {
  const last = Number(digits.at(-1))
  // Never 0, so that 5 does not become 0 days and 14 not a 10 that rounds away.
  const other = pick(
    random,
    [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((digit) => digit !== last),
  )
  return digits.slice(0, -1) + String(other)
}

function slipInObject(value: Fields, random: Random): Fields {
  const withDigits = Object.entries(value).filter(([, field]) => /\d/.test(String(field)))
  const [key, field] = pick(random, withDigits)
  const text = slipInText(String(field), random)
  return { ...value, [key]: typeof field === 'number' ? Number(text) : text }
}
