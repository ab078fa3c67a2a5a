import { type Fact } from './fact.ts'

const weekdayNames = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const months = 'january february march april may june july august september october november december'.split(' ')
const foreignMonths = new Map<string, number>()
for (const list of [
  'januar februar märz april mai juni juli august september oktober november dezember',
  'janvier février mars avril mai juin juillet août septembre octobre novembre décembre',
  'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
  'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre',
  'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro',
  'januari februari maart april mei juni juli augustus september oktober november december',
  'stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia',
]) {
  for (const [at, name] of list.split(' ').entries()) foreignMonths.set(name, at + 1)
}
const foreignMonth = `(${[...foreignMonths.keys()].join('|')})`
const month = `(${months.map((name) => (name === 'may' ? name : `${name.slice(0, 3)}(?:t|${name.slice(3)})?`)).join('|')})\\.?`
const day = String.raw`(\d{1,2})(?:st|nd|rd|th)?`
const year = String.raw`(?:,?\s+(\d{4})(?!\d))?`

type Found = Pick<Fact, 'kind' | 'values'> & Partial<Fact>
type Rule = { pattern: RegExp; read: (match: string[]) => Found[] | null; sign?: RegExp }

const monthNumber = (name: string): number =>
  months.findIndex((known) => known.startsWith(name.slice(0, 3).toLowerCase())) + 1

/** A date is its month and day, and apart from them its year, so that leaving out the year is not another date. */
function dated(days: Array<[number, number]>, yearText: string | undefined): Found[] | null {
  const real = days.filter(([month, day]) => month >= 1 && month <= 12 && day >= 1 && day <= 31)
  if (real.length === 0) return null
  const values = real.map(([month, day]) => `${month}-${day}`)
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

const foreignWeekdays = new Map<string, string>()
for (const list of [
  'montag dienstag mittwoch donnerstag freitag samstag sonntag',
  'lundi mardi mercredi jeudi vendredi samedi dimanche',
  'lunes martes miércoles jueves viernes sábado domingo',
  'lunedì martedì mercoledì giovedì venerdì sabato domenica',
  'segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo',
  'maandag dinsdag woensdag donderdag vrijdag zaterdag zondag',
]) {
  for (const [at, name] of list.split(' ').entries()) foreignWeekdays.set(name, weekdayNames[at]!)
}
const weekdays = 'monday|tuesday|wednesday|thursday|friday|saturday|sunday'

/** In order: what an earlier rule took is not seen by a later one. `03/04` may be either order. */
export const dateRules: Rule[] = [
  {
    pattern: /(?<![\d-])(\d{4})-(\d{1,2})-(\d{1,2})(?![\d-])/g,
    read: ([, year, month, day]) => dated([[Number(month), Number(day)]], year),
  },
  {
    pattern: new RegExp(`(?=[jfmasond])(?<![\\p{L}\\d])${month}\\s+${day}(?![\\d:])${year}`, 'giu'),
    read: ([, month, day, year]) => dated([[monthNumber(month!), Number(day)]], year),
  },
  {
    pattern: new RegExp(`(?=\\d)(?<![\\d.,])${day}\\.?\\s+(?:of\\s+)?${month}(?![\\p{L}])${year}`, 'giu'),
    read: ([, day, month, year]) => dated([[monthNumber(month!), Number(day)]], year),
  },
  {
    pattern: new RegExp(
      `(?=\\d)(?<![\\d.,])(\\d{1,2})(?:\\.|er|º)?\\s+(?:de\\s+)?${foreignMonth}(?![\\p{L}])(?:(?:\\s+del?)?\\s+(\\d{4})(?!\\d))?`,
      'giu',
    ),
    read: ([, day, month, year]) => dated([[foreignMonths.get(month!.toLowerCase())!, Number(day)]], year),
  },
  {
    pattern: /(?<![\d./])(\d{1,2})([./])(\d{1,2})\2(\d{4}|\d{2})(?![\d./]\d)/g,
    read: ([, first, , second, year]) => {
      const [left, right] = [Number(first), Number(second)]
      return dated(
        [
          [right, left],
          [left, right],
        ],
        year,
      )
    },
  },
  {
    pattern: /(?<![\d:.,])(\d{1,2})(?::(\d{2}))?\s?([ap])\.?m\b/gi,
    read: ([, hour, minute, half]) => clock(hour!, minute, half),
  },
  {
    pattern: /(?<![\d:.,])(\d{1,2})(?:[:.](\d{2}))?\sUhr\b(?:\s(\d{2})(?!\d))?/gi,
    sign: /\d\sUhr/i,
    read: ([, hour, minute, behind]) => clock(hour!, minute ?? behind, undefined),
  },
  {
    pattern: /(?<![\d:.,])(\d{1,2})\s?h\s?(\d{2})(?!\d)/g,
    sign: /\d\s?h\s?\d/,
    read: ([, hour, minute]) => clock(hour!, minute, undefined),
  },
  { pattern: /(?<![\d:.,])(\d{1,2}):(\d{2})(?![\d:])/g, read: ([, hour, minute]) => clock(hour!, minute, undefined) },
  // Backs up the days it stands for, without demanding them.
  {
    pattern: /\bweek(end|day)s?\b/gi,
    read: ([, part]) =>
      weekdays.split('|').flatMap((name, at): Found[] => {
        return at >= 5 === (part!.toLowerCase() === 'end') ? [{ kind: 'weekday', values: [name], isWeak: true }] : []
      }),
  },
  {
    pattern: new RegExp(`\\b(${weekdays})s?\\b`, 'gi'),
    read: ([, name]) => [{ kind: 'weekday', values: [name!.toLowerCase()] }],
  },
  {
    pattern: new RegExp(
      `(?=[mdfslvjwzqt])(?<![\\p{L}])(${[...foreignWeekdays.keys()].join('|')})s?(?![\\p{L}])`,
      'giu',
    ),
    read: ([, name]) => [{ kind: 'weekday', values: [foreignWeekdays.get(name!.toLowerCase())!] }],
  },
]
