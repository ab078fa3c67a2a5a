import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { formatText } from '../../../../services/report/format/text.ts'
import { scores } from '../../../../services/report/sections/scores.ts'
import { waived } from '../../../../services/report/sections/waived.ts'
import { type Scoring } from '../../../../shared/contracts/verdict.ts'
import { traffic, verdictOn } from '../../../support/pair-rows.ts'

const aWaiver = (rest: Partial<Scoring['waived']['waivers'][number]> = {}) => ({
  id: 'a1b2c3d4',
  covers: 'json /id',
  reason: 'cosmetic',
  author: 'ana',
  expires: '2027-03-31',
  isExpired: false,
  comparisons: 0,
  controlComparisons: 0,
  ...rest,
})

const verdictWith = (scoring: Partial<Scoring> | null) =>
  verdictOn(traffic(200, { quality: 1 }), {
    scoring: scoring && {
      versions: [],
      waived: { comparisons: 0, equivalent: 0, waivers: [] },
      own: [],
      imported: [],
      ...scoring,
    },
  })

test('without a waiver there is no section; with one there is, also where it matched nothing', () => {
  equal(waived(verdictWith(null)), null)
  equal(waived(verdictWith({})), null)
  const section = waived(verdictWith({ waived: { comparisons: 0, equivalent: 0, waivers: [aWaiver()] } }))!

  deepEqual(section.sentences, [
    '0 comparisons of 200 (0.0 %) with a waived difference; 0 of them equivalent thanks to it.',
  ])
  deepEqual(section.table!.rows, [['json /id', 'cosmetic', 'ana', '2027-03-31', '0', '0']])
})

test('the share, what expired and what is no longer configured are told in every report', () => {
  const waivers = [
    aWaiver({ comparisons: 30, isExpired: true, expires: '2026-11-01' }),
    aWaiver({ id: 'ffff0000', covers: null, reason: null, author: null, expires: null, comparisons: 10 }),
  ]
  const verdict = verdictWith({ waived: { comparisons: 40, equivalent: 38, waivers } })
  const text = formatText([{ verdict, worst: [] }]).replaceAll(/\s+/g, ' ')

  match(text, /40 comparisons of 200 \(20\.0 %\) with a waived difference; 38 of them equivalent thanks to it/)
  match(text, /The waiver of json \/id expired after 2026-11-01/)
  match(text, /Waiver ffff0000 is in the config no more, and 10 comparisons made with it still count/)
  ok(verdict.caveats.some((caveat) => caveat.startsWith('differences of 40 comparisons (20.0 %) are waived')))
})

test('comparisons of several versions are told, with what makes them alike', () => {
  const versions = [
    { version: '1+aa', comparisons: 150 },
    { version: '', comparisons: 50 },
  ]
  const { caveats } = verdictWith({ versions })

  ok(caveats.some((caveat) => /2 scorer versions are pooled.*150 by 1\+aa, 50 by none.*--rescore/.test(caveat)))
  ok(!verdictWith({ versions: versions.slice(1) }).caveats.some((caveat) => caveat.includes('--rescore')))
})

test('scores beside the ladder’s are listed, and why there were none', () => {
  const none = { scored: 0, mean: null }
  const own = {
    name: 'tone',
    as: 'quality' as const,
    candidate: { scored: 190, mean: 0.91234 },
    control: { scored: 200, mean: 0.95 },
    notScored: [
      { reason: 'threw TypeError', comparisons: 6 },
      { reason: 'took longer than 50 ms', comparisons: 4 },
    ],
  }
  const imported = { name: 'helpful', by: 'ana', candidate: { scored: 12, mean: 0.5 }, control: none, served: none }
  const verdict = verdictWith({ own: [own], imported: [imported] })
  const section = scores(verdict)!

  equal(scores(verdictWith({})), null)
  deepEqual(section.table!.rows, [
    ['tone', 'config, lowers quality', '190', '0.912', '0.950', '–'],
    ['helpful', 'ana', '12', '0.500', '–', '–'],
  ])
  deepEqual(section.sentences, ['tone gave no score to 10 answers: threw TypeError (6), took longer than 50 ms (4).'])
  ok(verdict.caveats.some((caveat) => caveat.includes('tone 10 answers') && caveat.includes('the ladder’s alone')))
})
