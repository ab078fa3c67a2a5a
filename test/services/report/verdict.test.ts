import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { type PairRow } from '../../../services/report/pairs.ts'
import { Verdict } from '../../../shared/contracts/verdict.ts'
import {
  aPairRow,
  balancedLedger,
  candidateArm,
  candidateFailed,
  controlFailed,
  dayMs,
  gateOf,
  gates,
  traffic,
  verdictOn,
  withoutControl,
} from '../../support/pair-rows.ts'
import { closeTo, seededRandom } from '../../support/statistics.ts'

test('no rows: nothing to compare, and a verdict all the same', () => {
  const verdict = verdictOn([])

  equal(verdict.verdict, 'inconclusive')
  equal(verdict.reason, 'no_comparisons')
  ok(verdict.gates.every(({ state }) => state === 'no_data'))
  ok(Verdict.safeParse(verdict).success)
})

test('while a bound is still being fixed, the number needed counts what fixing it takes', () => {
  const verdict = verdictOn(Array.from({ length: 50 }, (_, index) => aPairRow(index)))

  equal(verdict.reason, 'too_few_units')
  const cost = verdict.gates.find(({ gate }) => gate === 'cost')!
  equal(cost.units, 0)
  // 50 more pairs fix the scale, then 100 conversations must count.
  ok(verdict.moreNeeded!.exchanges! >= 150, JSON.stringify(verdict.moreNeeded))
})

test('only exchanges that cannot be compared: the sentence says why', () => {
  const row = aPairRow(1, { outcome: 'not_comparable', reason: 'served_error', error: null })

  const verdict = verdictOn([row])

  equal(verdict.reason, 'no_comparisons')
  match(verdict.sentence, /served_error/)
  deepEqual(verdict.comparisons.notComparableByReason, { served_error: 1 })
})

test('one unit is too early', () => {
  const verdict = verdictOn([aPairRow(1)])

  equal(verdict.reason, 'too_few_units')
  equal(verdict.verdict, 'inconclusive')
  equal(verdict.units.closed, 1)
})

test('identical answers, cheaper, over enough days: GO', () => {
  const rows = traffic(1_200).map((row) => ({
    ...row,
    servedSoundness: 1,
    controlSoundness: 1,
    quality: 1,
    controlQuality: 1,
    divergence: 0,
    controlDivergence: 0,
  }))

  const verdict = verdictOn(rows)

  equal(verdict.verdict, 'go')
  equal(verdict.reason, 'all_gates_inside')
  equal(verdict.moreNeeded, null)
  match(verdict.sentence, /^GO: .*With at most 5 % probability would this evidence have arisen/)
  ok(Verdict.safeParse(verdict).success)
})

test('a good candidate on noisy traffic: GO, decided by the gate that passed most narrowly', () => {
  const verdict = verdictOn(traffic(3_000))

  equal(verdict.verdict, 'go')
  const narrowest = verdict.gates.filter(({ blocking }) => blocking).toSorted((a, b) => a.logEGo! - b.logEGo!)[0]!
  equal(verdict.decidingGate, narrowest.gate)
})

for (const [shape, gate] of [
  [{ quality: 0.88 }, 'quality'],
  [{ slower: 2.5 }, 'ttftP95'],
  [{ dearer: 1.6 }, 'cost'],
] as const) {
  test(`${gate} outside its margin: NO-GO, and the sentence names it with its numbers`, () => {
    const verdict = verdictOn(traffic(3_000, shape))

    equal(verdict.verdict, 'no_go')
    equal(verdict.reason, 'gate_outside_margin')
    equal(verdict.decidingGate, gate)
    equal(gateOf(verdict, gate).state, 'outside')
    match(verdict.sentence, /^NO-GO: .*outside its margin: subtle .*\d/)
  })
}

test('failures of the candidate: NO-GO on its errors', () => {
  const verdict = verdictOn(traffic(2_000, { errorRate: 0.12 }))

  equal(verdict.verdict, 'no_go')
  equal(gateOf(verdict, 'errors').state, 'outside')
  equal(gateOf(verdict, 'errorCeiling').state, 'outside')
})

test('a gate that is not blocking is displayed and decides nothing', () => {
  const apart = traffic(3_000).map((row) => ({ ...row, divergence: 0.9 }))

  const advisory = verdictOn(apart)
  const blocking = verdictOn(apart, { gates: gates({ divergence: { blocking: true } }) })

  equal(gateOf(advisory, 'divergence').state, 'outside')
  equal(advisory.verdict, 'go')
  equal(blocking.verdict, 'no_go')
  equal(blocking.decidingGate, 'divergence')
})

test('a replay that is not faithful comes before everything else', () => {
  const verdict = verdictOn(traffic(3_000, { controlSoundness: 0.8, quality: 0.8 }), {
    ledger: { ...balancedLedger, balanced: false, missing: 3 },
  })

  equal(verdict.verdict, 'inconclusive')
  equal(verdict.reason, 'replay_not_faithful')
  equal(verdict.decidingGate, 'replayLow')
})

test('a replay that is better than live is not faithful either', () => {
  const rows = traffic(3_000).map((row, number) => ({ ...row, servedSoundness: number % 4 === 0 ? 0 : 1 }))

  equal(verdictOn(rows).decidingGate, 'replayHigh')
})

test('a ledger that does not balance allows no verdict', () => {
  const ledger = { ...balancedLedger, balanced: false, missing: 12 }

  const verdict = verdictOn(traffic(3_000), { ledger })

  equal(verdict.reason, 'ledger_does_not_balance')
  match(verdict.sentence, /12 exchanges went missing/)
})

test('enough conversations in too few days wait for the calendar', () => {
  const verdict = verdictOn(traffic(3_000), { gates: gates({ minDays: 7 }) })

  equal(verdict.reason, 'too_few_days')
  ok(verdict.days > 3.9 && verdict.days < 4.1)
  equal(verdictOn(traffic(3_000), { gates: gates({ minDays: 0 }) }).verdict, 'go')
})

test('one early exchange does not make a day’s traffic a week’s', () => {
  const today = traffic(2_000).map((row, number) => ({
    ...row,
    capturedAtMs: row.capturedAtMs - (row.capturedAtMs % dayMs) + number * 1_000,
  }))
  const rows = [aPairRow(5_000, { capturedAtMs: today[0]!.capturedAtMs - 6 * dayMs }), ...today.slice(0, 400)]
  const verdict = verdictOn(
    rows.map((row) => ({ ...row, capturedAtMs: Math.min(row.capturedAtMs, rows[1]!.capturedAtMs + dayMs - 1) })),
  )

  equal(verdict.reason, 'too_few_days')
  equal(verdict.days, 2)
})

const lossy = (exchanges: number, every: number) =>
  traffic(exchanges).map((row, number) =>
    number % every === 0 ? { ...row, ...notComparable, reason: 'material_loss:response_format' } : row,
  )
const notComparable = { outcome: 'not_comparable', error: null, quality: null } as const

test('requests that the candidate cannot be asked as they are: few are said, many allow no GO', () => {
  const few = verdictOn(lossy(4_000, 20))
  const many = verdictOn(lossy(4_000, 4))

  equal(few.verdict, 'go')
  match(few.sentence, /on the 95\.0 % of the exchanges that could be compared/)
  match(few.caveats[0]!, /^200 exchanges \(5\.0 %\) could not be compared .* because of material_loss:response_format/)
  equal(many.verdict, 'inconclusive')
  equal(many.reason, 'too_much_left_out')
  match(many.sentence, /^INCONCLUSIVE: 25\.0 % of the requests .*material_loss:response_format.*candidates\[\]\.routes/)
  ok(Verdict.safeParse(many).success)
})

test('much that is left out does not hold back a NO-GO', () => {
  equal(verdictOn(lossy(4_000, 4).map((row) => (row.error === null ? row : { ...row, quality: 0.5 }))).verdict, 'no_go')
})

test('a budget that was spent leaves exchanges out by the clock: GO says how many it speaks for', () => {
  const rows = traffic(5_000).map((row, number) =>
    number % 5 < 2 ? { ...row, ...notComparable, reason: 'not_asked:budget_reached' } : row,
  )

  const verdict = verdictOn(rows)

  equal(verdict.verdict, 'go')
  match(verdict.sentence, /on the 60\.0 % of the exchanges that could be compared/)
})

test('a GO on all of the traffic speaks of no part', () => {
  ok(!verdictOn(traffic(3_000)).sentence.includes('that could be compared'))
})

test('without a blocking gate there is nothing to go by', () => {
  const advisory = { blocking: false }
  const verdict = verdictOn(traffic(3_000), {
    gates: gates({
      quality: advisory,
      errors: advisory,
      ttftP50: advisory,
      ttftP95: advisory,
      cost: advisory,
    }),
  })

  equal(verdict.verdict, 'inconclusive')
  equal(verdict.reason, 'no_blocking_gate')
  ok(Verdict.safeParse(verdict).success)
})

test('a served model that does not repeat itself is pointed out: a wrong control looks just so', () => {
  const verdict = verdictOn(traffic(300, { controlQuality: 0.6 }))

  ok(verdict.caveats.some((caveat) => caveat.includes('of its own served answers')))
  ok(!verdictOn(traffic(300)).caveats.some((caveat) => caveat.includes('of its own served answers')))
})

test('failures that come together are told from failures that are spread out', () => {
  const failing = (failed: Partial<PairRow>) =>
    traffic(2_000).map((row, number) =>
      Math.floor(number / 20) % 25 === 0 && number % 2 === 0 ? { ...row, ...failed } : row,
    )
  const burst = verdictOn(failing(candidateFailed))
  const controlBurst = verdictOn(failing(controlFailed))
  const spread = verdictOn(traffic(2_000, { errorRate: 0.02 }))

  ok(
    burst.caveats.some((caveat) => caveat.startsWith('failures of the candidate come in bursts (100.0 % of them')),
    burst.caveats.join('; '),
  )
  ok(controlBurst.caveats.some((caveat) => caveat.startsWith('failures of the control come in bursts')))
  ok(!spread.caveats.some((caveat) => caveat.includes('bursts')))
})

test('where the hour is the unit, failures of one hour count once', () => {
  const rows = traffic(4_000)
    .map((row, number) => ({ ...row, capturedAtMs: row.capturedAtMs + number * 300_000 }))
    .map((row) => ({ ...row, ...(Math.floor(row.capturedAtMs / 3_600_000) % 40 === 0 ? candidateFailed : {}) }))
  const [byConversation, byHour] = (['conversation', 'hour'] as const).map((unit) =>
    gateOf(verdictOn(rows, { gates: gates({ errors: { unit } }) }), 'errors'),
  )

  equal(byConversation!.units, 4_000)
  equal(byHour!.unit, 'hour')
  ok(byHour!.units > 300 && byHour!.units < 500, String(byHour!.units))
  ok(Math.abs(byHour!.mean! - byConversation!.mean!) < 0.01)
  ok(byHour!.upper! - byHour!.lower! > 1.5 * (byConversation!.upper! - byConversation!.lower!))
})

test('a beginning that was chosen is pointed out', () => {
  const windowed = (verdict: Verdict) => verdict.caveats.some((caveat) => caveat.includes('every other beginning'))

  ok(windowed(verdictOn(traffic(200), { isWindow: true })))
  ok(!windowed(verdictOn(traffic(200))))
})

test('evidence that is on its way names the gate and how many more', () => {
  const verdict = verdictOn(traffic(600, { quality: 0.975 }))

  equal(verdict.reason, 'evidence_not_yet_decisive')
  ok(verdict.moreNeeded !== null)
  equal(verdict.moreNeeded.gate, verdict.decidingGate)
  ok(verdict.moreNeeded.atObservedRate! > 0)
  equal(verdict.moreNeeded.exchanges, verdict.moreNeeded.atObservedRate)
  match(verdict.sentence, /About [\d,]+ more conversations/)
})

test('how many more is told in days of the present traffic and in dollars, too', () => {
  const verdict = verdictOn(traffic(600, { quality: 0.975 }))
  const { exchanges, days, costUsd } = verdict.moreNeeded!

  // 600 exchanges in 4 days; candidate and control together cost about half a cent.
  closeTo(days!, (exchanges! * 4) / 600, 0.01 * days!)
  closeTo(costUsd!, exchanges! * (verdict.means.costUsd! + verdict.means.controlCostUsd!), 1e-9)
  match(verdict.sentence, /exchanges, [\d.]+ days at the present rate of traffic, \$[\d.]+ for candidate and control/)
  const unpricedControl = traffic(600, { quality: 0.975 }).map((row) => ({ ...row, controlCostUsd: null }))
  equal(verdictOn(unpricedControl).moreNeeded!.costUsd, null)
})

test('without a control there is no GO, and the caveats say why', () => {
  const rows = traffic(3_000).map((row) => ({ ...row, ...withoutControl, quality: 1 }))

  const verdict = verdictOn(rows, { control: null })

  equal(verdict.verdict, 'inconclusive')
  equal(verdict.reason, 'evidence_not_yet_decisive')
  equal(gateOf(verdict, 'quality').state, 'inside')
  equal(gateOf(verdict, 'replayLow').state, 'no_data')
  equal(verdict.moreNeeded!.atObservedRate, null)
  match(verdict.caveats[0]!, /control is switched off/)
})

test('without a control a candidate can still be proven bad', () => {
  const rows = traffic(1_000).map((row) => ({ ...row, ...withoutControl, quality: 0.5 }))

  equal(verdictOn(rows, { control: null }).verdict, 'no_go')
})

test('a control that never answered leaves every gate that needs it without data', () => {
  const verdict = verdictOn(traffic(1_000).map((row) => ({ ...row, ...withoutControl })))

  equal(verdict.reason, 'too_few_units')
  ok(verdict.caveats.some((caveat) => caveat.includes('without an answer of the control')))
})

const unpriced = (quality: number) => traffic(3_000, { quality }).map((row) => ({ ...row, costUsd: null }))

test('an unpriced candidate never reaches GO, and does not escape a NO-GO', () => {
  const good = verdictOn(unpriced(0.98))
  equal(good.verdict, 'inconclusive')
  equal(good.decidingGate, 'cost')
  match(good.sentence, /cost has no data/)
  equal(verdictOn(unpriced(0.85)).decidingGate, 'quality')
  equal(verdictOn(unpriced(0.85)).verdict, 'no_go')
})

test('the order of the rows does not matter', () => {
  const rows = traffic(900, { quality: 0.97 })
  const random = seededRandom(9)
  const shuffled = rows.map((row) => ({ row, at: random() })).toSorted((a, b) => a.at - b.at)

  const [one, other] = [verdictOn(rows), verdictOn(shuffled.map(({ row }) => row))]

  deepEqual(other, one)
})

test('comparisons of other settings are left out and counted', () => {
  const rows = traffic(2_000)
  const older = traffic(500, { quality: 0.1 }, 2).map((row) => ({ ...row, armFingerprint: 'older' }))

  const verdict = verdictOn([...older, ...rows])

  deepEqual(verdict.gates, verdictOn(rows).gates)
  ok(verdict.caveats.some((caveat) => caveat.startsWith('500 comparisons with other settings')))
})

test('open conversations are counted, shown and not yet evidence', () => {
  const rows = traffic(1_000)
  const asOf = new Date(rows.at(-1)!.capturedAtMs + 60_000)

  const verdict = verdictOn(rows, { asOf, trafficEnded: false })

  ok(verdict.units.open > 0)
  equal(verdict.units.closed + verdict.units.open, 1_000)
  equal(gateOf(verdict, 'errors').units, verdict.units.closed)
  ok(verdict.caveats.some((caveat) => caveat.includes('still open')))
})

test('turns of one conversation are one unit', () => {
  const rows = traffic(3_000).map((row, number) => ({
    ...row,
    conversationId: `conversation-${Math.floor(number / 3)}`,
  }))

  const quality = gateOf(verdictOn(rows), 'quality')

  equal(quality.units, 1_000)
  equal(quality.exchanges, 3_000)
})

test('unequal sampling is weighted back and said', () => {
  const rows = traffic(2_000).map((row, number) => ({ ...row, sampleProbability: number % 2 === 0 ? 1 : 0.5 }))

  const quality = gateOf(verdictOn(rows), 'quality')
  const evenly = gateOf(verdictOn(traffic(2_000)), 'quality')

  ok(quality.notes.some((note) => note.includes('50 % to 100 %')))
  ok(quality.mean! < evenly.mean! && quality.mean! > evenly.mean! / 2)
})

test('means are on the scale people think in', () => {
  const rows = [
    aPairRow(1, { quality: 0.5, ttftMs: 100, costUsd: 0.01, controlCostUsd: 0.02 }),
    aPairRow(2, { quality: 1, ttftMs: 300, costUsd: 0.03, controlCostUsd: null }),
  ]

  const { means } = verdictOn(rows)

  equal(means.quality, 0.75)
  equal(means.ttftP50Ms, 100)
  equal(means.costUsd, 0.02)
  equal(means.controlCostUsd, 0.02)
})

test('the verdict says whom it is about, from when to when', () => {
  const verdict = verdictOn([aPairRow(0), aPairRow(1_440)], { trafficEnded: true })

  equal(verdict.candidate, candidateArm.name)
  equal(verdict.provider, 'anthropic')
  deepEqual(verdict.servedModels, ['large-1'])
  equal(new Date(verdict.to!).getTime() - new Date(verdict.from!).getTime(), dayMs)
})

test('a candidate exactly at its quality margin never reaches GO in a fixed set of seeds', () => {
  // E[q_K] = 0.97 · E[q_C]; alpha = 5 % would allow one GO in twenty, the sequence is stricter than that.
  for (let seed = 1; seed <= 12; seed += 1) {
    const verdict = verdictOn(traffic(2_000, { quality: 0.97 * 0.95, controlQuality: 0.95 }, seed))
    ok(verdict.verdict !== 'go', `seed ${seed}`)
  }
})

test('at the most conversations that may count, what is undecided is final, and what is decided stays', () => {
  const undecided = traffic(3_000, { quality: 0.975 })
  const final = verdictOn(undecided, { gates: gates({ maxUnits: 600 }) })

  equal(final.verdict, 'inconclusive')
  equal(final.reason, 'most_units_reached')
  equal(final.moreNeeded, null)
  equal(final.units.closed, 600)
  match(
    final.sentence,
    /^INCONCLUSIVE, and that is final: the 600 conversations .* a distance to the margin of \d\.\d hundredths in four cases of five/,
  )
  ok(Verdict.safeParse(final).success)
  equal(verdictOn(traffic(3_000), { gates: gates({ maxUnits: 2_500 }) }).verdict, 'go')
  equal(verdictOn(traffic(3_000, { quality: 0.8 }), { gates: gates({ maxUnits: 2_500 }) }).verdict, 'no_go')
})

test('more conversations than may count change nothing', () => {
  const limited = { gates: gates({ maxUnits: 600 }) }
  const rows = traffic(600, { quality: 0.975 })
  const later = traffic(600, { quality: 0.2 }, 3)
    .map((row, number) =>
      aPairRow(number + 10_000, { ...row, exchangeId: `later-${number}`, capturedAtMs: row.capturedAtMs + 40 * dayMs }),
    )
    .map((row, number) => ({ ...row, conversationId: `later-${number}` }))

  const evidence = ({ gates: all }: Verdict) =>
    all.map(({ gate, units, logEGo, logENoGo }) => [gate, units, logEGo, logENoGo])
  deepEqual(evidence(verdictOn([...rows, ...later], limited)), evidence(verdictOn(rows, limited)))
})

test('the design effect is one where no exchange has to do with another, and three where each is there three times', () => {
  const effectsOf = (rows: readonly PairRow[]) =>
    Object.fromEntries(verdictOn(rows).gates.map(({ gate, designEffect }) => [gate, designEffect ?? null]))
  const alone = traffic(900)
  const copies = alone.flatMap((row, index) => [row, aCopy(row, index, 1), aCopy(row, index, 2)])

  for (const gate of ['quality', 'divergence', 'replayLow']) {
    // Many distinct values are kept on a grid, which makes their variance a little larger.
    closeTo(effectsOf(alone)[gate]!, 1, 0.001)
    closeTo(effectsOf(copies)[gate]!, 3, 0.01)
  }
})

test('a design effect is told where units are of several exchanges, and only there', () => {
  const notesOf = (rows: readonly PairRow[]) => gateOf(verdictOn(rows), 'quality').notes.join()
  const rows = traffic(300)

  match(notesOf(rows.flatMap((row, index) => [row, aCopy(row, index, 1)])), /design effect 2\.0/)
  ok(!notesOf(rows).includes('design effect'))
})

/** Captured a moment later, in the same conversation. */
function aCopy(row: PairRow, index: number, nth: number): PairRow {
  const { exchangeId } = aPairRow(10_000 * nth + index)
  return { ...row, exchangeId, capturedAtMs: row.capturedAtMs + nth }
}

test('the tap rate is told: lowest, highest, and what as many of one rate would say as much as', () => {
  equal(verdictOn([]).tapRate, null)
  deepEqual(verdictOn(traffic(200)).tapRate, { lowest: 1, highest: 1, effectiveShare: 1 })
  const mixed = traffic(200).map((row, index) => ({ ...row, sampleProbability: index % 2 === 0 ? 1 : 0.1 }))
  const { lowest, highest, effectiveShare } = verdictOn(mixed).tapRate!

  deepEqual([lowest, highest], [0.1, 1])
  closeTo(effectiveShare, (100 + 1000) ** 2 / (100 + 10_000) / 200, 1e-12)
})
