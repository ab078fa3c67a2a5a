import { demoExchanges } from '../../../services/cli/demo/traffic.ts'
import { passages } from './passages.ts'

export type TextPair = { served: string; arm: string }

/** Answers of `bytes` characters, half of their sentences told in other words. */
export function answerPairs(bytes: number): TextPair[] {
  const answers = demoExchanges({ count: 900, seed: 5 }).flatMap(({ truth }) =>
    truth.type === 'text' ? [truth.answers] : [],
  )
  const perPair = Math.ceil(bytes / 120)
  return Array.from({ length: 60 }, (_, pair) => {
    const parts = Array.from({ length: perPair }, (_, part) => answers[(pair * 7 + part) % answers.length]!)
    const text = (version: (part: number) => number): string =>
      parts
        .map((versions, part) => versions[version(part)]!)
        .join(' ')
        .slice(0, bytes)
    return { served: text(() => 0), arm: text((part) => part % 2) }
  })
}

/** Texts of `passages` of about this length, one after another, with numbers that are the same in both; no two pairs are alike. */
export function variedPairs(chars: number): TextPair[] {
  const dice = diceOf(chars)
  return Array.from({ length: 60 }, (_, pair) => {
    const [served, arm]: [string[], string[]] = [[], []]
    for (let length = 0, at = pair * 5; length < chars; at++) {
      const digits = Array.from({ length: 20 }, () => dice(10))
      const told = passages[at % passages.length]!.map((text) => {
        let next = 0
        return text.replaceAll('#', () => String(digits[next++ % digits.length]))
      })
      served.push(told[0]!)
      arm.push(told[dice(2)]!)
      length += told[0]!.length + 2
    }
    return { served: served.join('\n\n'), arm: arm.join('\n\n') }
  })
}

/** Texts of plain words, one in twenty changed. */
export function wordPairs(tokens: number): TextPair[] {
  const dice = diceOf(tokens)
  const word = (): string => `w${dice(tokens > 500 ? 800 : 200)}`
  return Array.from({ length: 20 }, () => {
    const served = Array.from({ length: tokens }, word)
    const arm = served.map((each) => (dice(20) === 0 ? word() : each))
    return { served: served.join(' '), arm: arm.join(' ') }
  })
}

/** Documents of about this size as text, one field in twenty changed in the second. */
export function documentPairs(bytes: number): TextPair[] {
  const dice = diceOf(bytes)
  return Array.from({ length: 20 }, (_, pair) => {
    const lines = Array.from({ length: Math.max(1, Math.round(bytes / 90)) }, (_, at) => ({
      position: at,
      article: `article ${dice(5000)}`,
      quantity: dice(20),
      price: { net: dice(9000) / 100, currency: 'EUR' },
    }))
    const changed = lines.map((line) => (dice(5) === 0 ? { ...line, quantity: line.quantity + 1 } : line))
    const whole = (items: typeof lines): string => JSON.stringify({ invoice: `R-${pair}`, paid: false, lines: items })
    return { served: whole(lines), arm: whole(changed) }
  })
}

/** The same numbers in every run. */
function diceOf(seed: number): (sides: number) => number {
  let state = seed >>> 0
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}
