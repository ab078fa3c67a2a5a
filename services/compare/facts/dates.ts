import { dayOfMonth, hourAndMinutes, onlyWith } from './common-shapes.ts'
import { type Found, type Rule } from './fact.ts'
import { foreignMonthNumber, foreignMonthPattern, monthNumber, monthPattern } from './months.ts'
import { begins } from './places.ts'
import { foreignWeekdayPattern, weekdayNamed, weekdayNames, weekdayPattern } from './weekdays.ts'

const foreignMonth = `(${foreignMonthPattern})`
const month = `(${monthPattern})\\.?`
const day = String.raw`(\d{1,2})(?:st|nd|rd|th)?`
const year = String.raw`(?:,?\s+(\d{4})(?!\d))?`

function dayOf(month: number, day: number): string[] {
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 ? [`${month}-${day}`] : []
}

/** A date is its month and day, and apart from them its year, so that leaving out the year is not another date. */
function dated(values: string[], yearText: string | undefined): Found[] | null {
  if (values.length === 0) return null
  const date: Found = { kind: 'date', values }
  if (yearText === undefined) return [date]
  const year = yearText.length === 2 ? `20${yearText}` : yearText
  return [date, { kind: 'year', values: [year], numbers: [year] }]
}

function clock(hourText: string, minuteText: string | undefined, half: string | undefined): Found[] | null {
  const hour = Number(hourText)
  const minute = Number(minuteText ?? 0)
  if (hour > 24 || minute > 59 || (half !== undefined && hour > 12)) return null
  const of24 = half === undefined ? hour : (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
  return [{ kind: 'time', values: [`${of24}:${minute}`] }]
}

/** In order: what an earlier rule took is not seen by a later one. `03/04` may be either order. */
export const dateRules: Rule[] = [
  {
    at: begins.dashed,
    pattern: /(?<![\d-])(\d{4})-(\d{1,2})-(\d{1,2})(?![\d-])/y,
    read: ([, year, month, day]) => dated(dayOf(Number(month), Number(day)), year),
  },
  {
    at: begins.month,
    pattern: new RegExp(`(?=[jfmasond])(?<![\\p{L}\\d])${month}\\s+${day}(?![\\d:])${year}`, 'iuy'),
    read: ([, month, day, year]) => dated(dayOf(monthNumber(month!), Number(day)), year),
  },
  {
    at: begins.dayOfMonth,
    pattern: new RegExp(`(?=\\d)(?<![\\d.,])${day}\\.?\\s+(?:of\\s+)?${month}(?![\\p{L}])${year}`, 'iuy'),
    common: dayOfMonth,
    read: ([, day, month, year]) => dated(dayOf(monthNumber(month!), Number(day)), year),
  },
  {
    at: begins.dayOfMonth,
    pattern: new RegExp(
      `(?=\\d)(?<![\\d.,])(\\d{1,2})(?:\\.|er|º)?\\s+(?:de\\s+)?${foreignMonth}(?![\\p{L}])(?:(?:\\s+del?)?\\s+(\\d{4})(?!\\d))?`,
      'iuy',
    ),
    read: ([, day, month, year]) => dated(dayOf(foreignMonthNumber(month!), Number(day)), year),
  },
  {
    at: begins.dotted,
    pattern: /(?<![\d./])(\d{1,2})([./])(\d{1,2})\2(\d{4}|\d{2})(?![\d./]\d)/y,
    read: ([, first, , second, year]) => {
      const [left, right] = [Number(first), Number(second)]
      return dated([...dayOf(right, left), ...dayOf(left, right)], year)
    },
  },
  {
    at: begins.clock,
    pattern: /(?<![\d:.,])(\d{1,2})(?::(\d{2}))?\s?([ap])\.?m\b/iy,
    read: ([, hour, minute, half]) => clock(hour!, minute, half),
  },
  {
    at: begins.clock,
    pattern: /(?<![\d:.,])(\d{1,2})(?:[:.](\d{2}))?\sUhr\b(?:\s(\d{2})(?!\d))?/iy,
    read: ([, hour, minute, behind]) => clock(hour!, minute ?? behind, undefined),
  },
  {
    at: begins.clock,
    pattern: /(?<![\d:.,])(\d{1,2})\s?h\s?(\d{2})(?!\d)/y,
    read: ([, hour, minute]) => clock(hour!, minute, undefined),
  },
  {
    at: begins.minutes,
    pattern: /(?<![\d:.,])(\d{1,2}):(\d{2})(?![\d:])/y,
    common: hourAndMinutes,
    read: ([, hour, minute]) => clock(hour!, minute, undefined),
  },
  // Backs up the days it stands for, without demanding them.
  {
    at: begins.weekday,
    pattern: /\bweek(end|day)s?\b/iy,
    common: onlyWith('w'),
    read: ([, part]) =>
      weekdayNames.flatMap((name, at): Found[] => {
        return at >= 5 === (part!.toLowerCase() === 'end') ? [{ kind: 'weekday', values: [name], isWeak: true }] : []
      }),
  },
  {
    at: begins.weekday,
    pattern: new RegExp(`\\b(${weekdayPattern})s?\\b`, 'iy'),
    common: onlyWith('mtwfs'),
    read: ([, name]) => [{ kind: 'weekday', values: [name!.toLowerCase()] }],
  },
  {
    at: begins.weekday,
    pattern: new RegExp(`(?<![\\p{L}])(${foreignWeekdayPattern})s?(?![\\p{L}])`, 'iuy'),
    read: ([, name]) => [{ kind: 'weekday', values: [weekdayNamed(name!)] }],
  },
]
