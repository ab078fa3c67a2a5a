import { onlyBefore } from './common-shapes.ts'
import { type Found, type Rule } from './fact.ts'
import { numberPattern, readNumber, scaled } from './numbers.ts'
import { begins } from './places.ts'

// Chinese, Japanese and Korean put no space between a number and the words around it.

const letter = String.raw`[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]`
export const hasCjk = new RegExp(letter)
const number = `(${numberPattern})`
const start = String.raw`(?=\d)(?<![A-Za-z\d]|\d[.,])`
const pattern = (source: string): RegExp => new RegExp(source, 'uy')

const multipliers = { 千: 1e3, 천: 1e3, 万: 1e4, 萬: 1e4, 만: 1e4, 百万: 1e6, 亿: 1e8, 億: 1e8, 억: 1e8 }
const multiplier = `(${Object.keys(multipliers)
  .toSorted((a, b) => b.length - a.length)
  .join('|')})?`
const currencies = {
  円: 'JPY',
  日元: 'JPY',
  엔: 'JPY',
  元: 'CNY',
  人民币: 'CNY',
  위안: 'CNY',
  원: 'KRW',
  ドル: 'USD',
  美元: 'USD',
  달러: 'USD',
  ユーロ: 'EUR',
  欧元: 'EUR',
  유로: 'EUR',
} as const
/** Word → [unit, factor], as `units` has them. */
const durations: Record<string, [string, number]> = {
  秒: ['s', 1],
  초: ['s', 1],
  分钟: ['s', 60],
  分鐘: ['s', 60],
  分間: ['s', 60],
  분: ['s', 60],
  小时: ['s', 3_600],
  小時: ['s', 3_600],
  時間: ['s', 3_600],
  시간: ['s', 3_600],
  天: ['s', 86_400],
  日間: ['s', 86_400],
  일간: ['s', 86_400],
  营业日: ['s', 86_400],
  営業日: ['s', 86_400],
  周: ['s', 604_800],
  週間: ['s', 604_800],
  주: ['s', 604_800],
  个月: ['month', 1],
  個月: ['month', 1],
  か月: ['month', 1],
  ヶ月: ['month', 1],
  개월: ['month', 1],
  年間: ['month', 12],
  년간: ['month', 12],
}
const oneOf = (words: object): string =>
  `(${Object.keys(words)
    .toSorted((a, b) => b.length - a.length)
    .join('|')})`

const scaledBy = (digits: string, word: string | undefined): string[] => {
  const values = readNumber(digits)
  const factor = word === undefined ? undefined : multipliers[word as keyof typeof multipliers]
  return factor === undefined ? values : values.map((value) => scaled(value, factor))
}

function dated(month: string, day: string, year: string | undefined): Found[] | null {
  const date = { kind: 'date' as const, values: [`${Number(month)}-${Number(day)}`] }
  return year === undefined ? [date] : [date, { kind: 'year' as const, values: [year], numbers: [year] }]
}

function clock(half: string | undefined, hourText: string, minuteText: string | undefined): Found[] | null {
  const [hour, minute] = [Number(hourText), minuteText === '半' ? 30 : Number(minuteText ?? 0)]
  if (hour > 24 || minute > 59) return null
  const isAfternoon = half === '下午' || half === '午後' || half === '오후'
  return [{ kind: 'time', values: [`${isAfternoon && hour < 12 ? hour + 12 : hour}:${minute}`] }]
}

const firstsOf = (...words: object[]): string =>
  words.flatMap((each) => Object.keys(each).map((word) => word.slice(0, 1))).join('')

/** In front of all rules that take letters and digits in one word for a code. */
export const cjkRules: Rule[] = [
  {
    at: begins.eastern,
    common: onlyBefore('年년月월'),
    pattern: /(?<!\d)(?:(\d{4})\s?[年년]\s?)?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日号號일]/y,
    read: ([, year, month, day]) => dated(month!, day!, year),
  },
  {
    at: begins.eastern,
    common: onlyBefore('点點時时시'),
    pattern:
      /(上午|下午|午前|午後|오전|오후)?\s?(?<!\d)(\d{1,2})\s?(?:点|點|時(?!間)|时(?!间)|시(?!간))(?:\s?(\d{1,2})\s?[分분]|(半))?/y,
    read: ([, half, hour, minute, isHalf]) => clock(half, hour!, isHalf ?? minute),
  },
  {
    at: begins.eastern,
    common: onlyBefore(firstsOf(multipliers, currencies)),
    pattern: pattern(`${start}${number}${multiplier}\\s?${oneOf(currencies)}`),
    read: ([, digits, factor, word]) => {
      const numbers = scaledBy(digits!, factor)
      const name = currencies[word as keyof typeof currencies]
      return [{ kind: 'amount', values: numbers.map((value) => `${name} ${value}`), numbers }]
    },
  },
  {
    at: begins.eastern,
    common: onlyBefore(firstsOf(durations)),
    pattern: pattern(`${start}${number}\\s?${oneOf(durations)}`),
    read: ([, digits, word]) => {
      const [unit, factor] = durations[word!]!
      const numbers = readNumber(digits!)
      return [{ kind: 'duration', values: numbers.map((value) => `${scaled(value, factor)} ${unit}`), numbers }]
    },
  },
  {
    at: begins.eastern,
    pattern: pattern(
      `${start}${number}(?:${multiplier.slice(0, -1)}|(?=${letter}))|(?<=${letter})${number}(?![A-Za-z\\d%％]|[.,:/-]\\d|\\s?[%％])`,
    ),
    read: ([, before, factor, behind]) => {
      const numbers = before === undefined ? readNumber(behind!) : scaledBy(before, factor)
      return [{ kind: 'number', values: numbers, numbers }]
    },
  },
]
