import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodeOf } from '../../../../services/cli/gate.ts'
import { type PairRow } from '../../../../services/report/pairs.ts'
import { formatText } from '../../../../services/report/format/text.ts'
import { slices as section } from '../../../../services/report/sections/slices.ts'
import { Slices } from '../../../../shared/config/schema.ts'
import { Verdict } from '../../../../shared/contracts/verdict.ts'
import { aPairRow, candidateFailed, gates, traffic, verdictOn } from '../../../support/pair-rows.ts'
import { seededRandom } from '../../../support/statistics.ts'

const declared = (...by: ('route' | 'task' | 'language' | 'tools' | 'length' | 'tier' | 'hour')[]) => ({
  slices: Slices.parse({ by, find: false }),
})
const routes = ['support', 'search', 'chat', 'mail', 'notes', 'forms', 'summary', 'invoice']
/** Good traffic over eight routes; on `invoice` the candidate keeps a fifth less. */
const mixed = (exchanges: number, quality = 0.8): PairRow[] => {
  const random = seededRandom(11)
  return traffic(exchanges, { quality: 0.995, controlQuality: 0.98 }).map((row, number) => {
    const route = routes[number % routes.length]!
    return route === 'invoice' ? { ...row, route, quality: Number(random() < quality) } : { ...row, route }
  })
}
const sliceIn = ({ slices }: Verdict, value: string) =>
  [...slices!.declared, ...slices!.found].find((slice) => slice.value === value)!

test('good on the whole, and one kind of traffic proven harmed: GO except it, with what to keep where', () => {
  const verdict = verdictOn(mixed(12_000), declared('route'))

  equal(verdict.verdict, 'go')
  deepEqual(verdict.except, [{ dimension: 'route', value: 'invoice', gates: ['quality'] }])
  match(
    verdict.sentence,
    /^GO except route invoice: subtle is inside its margin .*; keep the served model on route invoice: subtle keeps 79\.8 % of/,
  )
  equal(Verdict.safeParse(verdict).error, undefined)
  equal(sliceIn(verdict, 'support').state, 'inside')
  match(section(verdict)!.sentences[0]!, /^Proven harmed, so they stay with the served model: route invoice\.$/)
  match(formatText([{ verdict, worst: [] }]), /Kinds of traffic[^]*route invoice +1,500 +quality +\d\d\.\d %.*HARMED/)
})

test('machines: a GO with exceptions is 0 only for whoever keeps exactly those with the served model', () => {
  const except: Verdict['except'] = [{ dimension: 'route', value: 'invoice', gates: ['quality'] }]

  equal(exitCodeOf({ verdict: 'go', except: [] }), 0)
  equal(exitCodeOf({ verdict: 'go', except }), 5)
  equal(exitCodeOf({ verdict: 'go', except }, ['route=support']), 5)
  equal(exitCodeOf({ verdict: 'go', except }, ['route=invoice', 'language=de']), 0)
  equal(exitCodeOf({ verdict: 'no_go', except: [] }), 3)
  equal(exitCodeOf({ verdict: 'inconclusive', except: [] }, ['route=invoice']), 4)
})

test('a harmed kind of traffic under a verdict that is no GO is shown, and excepts nothing', () => {
  const verdict = verdictOn(mixed(12_000), { ...declared('route'), gates: gates({ minDays: 30 }) })

  equal(verdict.verdict, 'inconclusive')
  deepEqual(verdict.except, [])
  equal(sliceIn(verdict, 'invoice').state, 'outside')
})

test('under thirty units a slice shows nothing but its size', () => {
  const rows = traffic(2_000).map((row, number) => ({
    ...row,
    tier: number < 29 ? 'gold' : 'free',
    ...(number < 29 ? candidateFailed : {}),
  }))

  const gold = sliceIn(verdictOn(rows, declared('tier')), 'gold')

  equal(gold.state, 'too_few')
  deepEqual(
    gold.gates.find(({ gate }) => gate === 'errors'),
    {
      gate: 'errors',
      state: 'too_few',
      units: 29,
      exchanges: 29,
      mean: null,
      shrunken: null,
      logEGo: null,
      logENoGo: null,
      suspected: false,
      natural: { candidate: null, reference: null, unit: '' },
    },
  )
  match(
    section(verdictOn(rows, declared('tier')))!
      .table!.rows.at(-1)!
      .join(' '),
    /tier gold 29 .* not enough data/,
  )
})

test('what is not known is in no slice, and the whole traffic is none of its own', () => {
  const rows = traffic(500).map((row, number) => ({ ...row, language: null, tier: number % 2 === 0 ? 'gold' : null }))
  const { slices } = verdictOn(rows, declared('language', 'tier', 'route', 'tools'))

  deepEqual(
    slices!.declared.map(({ dimension, value }) => [dimension, value]),
    [['tier', 'gold']],
  )
})

test('every dimension has its values', () => {
  const rows = Array.from({ length: 80 }, (_, number) =>
    aPairRow(number, {
      capturedAtMs: Date.UTC(2026, 10, 2, number % 2 === 0 ? 9 : 23, number % 60),
      hasTools: number % 2 === 0,
      promptTokens: [10, 1_000, 15_999, 16_000][number % 4]!,
      language: number % 2 === 0 ? 'de' : 'en',
      task: number % 2 === 0 ? 'json' : 'text',
      tier: number % 2 === 0 ? 'gold' : 'free',
      route: number % 2 === 0 ? 'a' : 'b',
    }),
  )
  const all = verdictOn(rows, declared('route', 'task', 'language', 'tools', 'length', 'tier', 'hour')).slices!.declared

  deepEqual(all.map(({ dimension, value }) => `${dimension} ${value}`).toSorted(), [
    'hour 09',
    'hour 23',
    'language de',
    'language en',
    'length 1k to 4k',
    'length 4k to 16k',
    'length over 16k',
    'length under 1k',
    'route a',
    'route b',
    'task json',
    'task text',
    'tier free',
    'tier gold',
    'tools no',
    'tools yes',
  ])
})

test('a slice is held to twice the margin: what is half way between both passes alone', () => {
  const rows = traffic(8_000, { quality: 0.98 * 0.955, controlQuality: 0.98 }).map((row, number) => ({
    ...row,
    route: number % 2 === 0 ? 'a' : 'b',
  }))
  const verdict = verdictOn(rows, declared('route'))

  ok(verdict.gates[0]!.mean! < 0)
  for (const { gates: all } of verdict.slices!.declared) ok(all.find(({ gate }) => gate === 'quality')!.mean! > 0)
})

test('turns of one conversation are one unit of a slice, too', () => {
  const rows = traffic(900).map((row, number) => ({
    ...row,
    conversationId: `c${Math.floor(number / 3)}`,
    tier: number % 2 === 0 ? 'gold' : 'free',
  }))
  const [gold] = sliceIn(verdictOn(rows, declared('tier')), 'gold').gates.filter(({ gate }) => gate === 'errors')

  equal(gold!.exchanges, 450)
  equal(gold!.units, 300)
})

const search = { slices: Slices.parse({ by: ['task'], find: true }) }
const crossed = (bad: number) => {
  const random = seededRandom(3)
  return traffic(8_000, { quality: 0.99, controlQuality: 0.98 }).map((row, number): PairRow => {
    const [language, hasTools] = [number % 3 === 0 ? 'de' : 'en', number % 4 < 1]
    const isBad = language === 'de' && hasTools
    return { ...row, language, hasTools, ...(isBad ? { quality: Number(random() < bad) } : {}) }
  })
}

test('a kind of traffic that nobody declared is found in one half and confirmed in the other', () => {
  const verdict = verdictOn(crossed(0.75), search)
  const found = verdict.slices!.found.filter(({ state }) => state === 'outside')

  deepEqual(
    found.map(({ dimension, value }) => `${dimension}: ${value}`),
    ['language and tools: de and yes'],
  )
  // 667 of 8,000, and about half of them in the confirming half.
  ok(Math.abs(found[0]!.gates[0]!.units - 333) < 60, String(found[0]!.gates[0]!.units))
  equal(verdict.verdict, 'go')
  match(verdict.sentence, /^GO except language de and tools offered: yes: /)
  ok(section(verdict)!.table!.rows[0]![0]!.startsWith('found: language de'))
})

test('another campaign splits in another way, the same one in the same', () => {
  const units = (fingerprint: string) =>
    verdictOn(
      crossed(0.75).map((row) => ({ ...row, armFingerprint: fingerprint })),
      { ...search, candidate: { name: 'subtle', fingerprint, provider: 'anthropic', model: 'small-1' } },
    ).slices!.found.map(({ gates: [gate] }) => gate!.units)

  deepEqual(units('aaa'), units('aaa'))
  ok(units('aaa').join() !== units('bbb').join())
})

test('looking can be switched off', () => {
  deepEqual(verdictOn(crossed(0.75), declared('task')).slices!.found, [])
  equal(verdictOn(crossed(0.75)).slices, null)
})
