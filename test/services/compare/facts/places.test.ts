import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert, constantFrom, oneof, property } from 'fast-check'
import { placesIn } from '../../../../services/compare/facts/places.ts'
import { rules } from '../../../../services/compare/facts/rules.ts'
import { readOne } from '../../../../services/compare/text/reading.ts'
import { wordOf } from '../../../../services/compare/text/vocabulary.ts'

const numbers = ['5', '12', '1,204.5', '1 200', '2026', '3.5', '-7', '120'] as const
const around = [
  'R$|US$|CA$|€|₽|zł|Kč|kr|EUR|dollars|k|Mio.|million|Milliarden|tsd.|%|％|percent|pour cent|por ciento',
  'per cento|procent|business days|km/h|m²|m2|square metres|metri quadrati|Quadratmeter|giorni|uren|°C',
  'degrees celsius|h|h 30|Uhr|Uhr 30|pm|a.m.|:30|.30 Uhr|of May|de outubro|września|July|mei 2026|th|.|)',
  '円|万元|천 원|时|時30分|点半|月|日|年|週間|月3日|午後2時|下午 3点|오후|共|・|です',
].flatMap((line) => line.split('|'))
const words = [
  'Montag|mardis|miércoles|terça-feira|sábado|weekend|Fridays|March|die Hälfte|un tiers|een kwart',
  'half of|half an hour|a week|a week and a half|an hour|step|x-1_b|#|X200|型号X200|drei Tage',
  'twelve percent|eleven|Yes,|nein.|acme.com/reset|www.acme.de|a@b.co|[|]|(|*|- |+1 555 123 4567',
  '10.0.0.1|1.2.26|2026-03-05|ſix|éone|the|\n',
].flatMap((line) => line.split('|'))

test('wherever a rule finds something, its place is known', () => {
  const fragment = oneof(
    constantFrom(...numbers),
    constantFrom(...around),
    constantFrom(...words),
    constantFrom(' ', ' ', '', '\n', '\u00a0'),
  )
  const texts = array(fragment, { minLength: 1, maxLength: 12 }).map((fragments) => fragments.join(''))
  assert(
    property(texts, (text) => {
      const places = placesIn(readOne(text))
      const known = new Map(Array.from({ length: places.count }, (_, at) => [places.at[at]!, places.begins[at]!]))
      for (const { at, pattern, read } of rules) {
        for (let index = 0; index < text.length; index++) {
          if (isPassedOver(text, index)) continue
          pattern.lastIndex = index
          const match = pattern.exec(text)
          if (match === null || (read(match)?.length ?? 0) === 0) continue
          ok(((known.get(index) ?? 0) & at) !== 0, `${JSON.stringify(match[0])} at ${index} in ${JSON.stringify(text)}`)
        }
      }
    }),
    { numRuns: 3000 },
  )
})

test('what may begin at a place does not hang on the numbers of its words, which may be those of marks', () => {
  const texts = ['zł121.2.26 ', 'in 5 Mio. € and 1 x 2', 'May 3 and kr 5', 'x a1 and 12 3.5 USD']
  const seen = new Map<string, string>()
  for (let fillers = 0; fillers < 130; fillers++) {
    for (let word = 0; word <= 50_001; word++) wordOf(`filler${word}`)
    readOne('')
    for (let word = 0; word < fillers; word++) wordOf(`few${word}`)
    for (const text of texts) {
      const { count, at, begins } = placesIn(readOne(text))
      const told = JSON.stringify([Array.from(at.slice(0, count)), Array.from(begins.slice(0, count))])
      equal(told, seen.get(text) ?? told, `${text} after ${fillers} words`)
      seen.set(text, told)
    }
  }
})

/** White space begins nothing, and the middle of a run of digits or letters is reached only where something before it was taken. */
function isPassedOver(text: string, index: number): boolean {
  const [before, here] = [text[index - 1] ?? '', text[index]!]
  return /\s/.test(here) || [/\d/, /\p{L}/u].some((kind) => kind.test(before) && kind.test(here))
}
