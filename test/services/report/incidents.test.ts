import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { gatesOf } from '../../../services/report/gates/index.ts'
import { dealtWith, noIncidents, noWatches, partsIn, watchPairs } from '../../../services/report/incidents.ts'
import { comparablePairs, type PairRow } from '../../../services/report/pairs.ts'
import { incidents as section } from '../../../services/report/sections/incidents.ts'
import { unitsOf } from '../../../services/report/units.ts'
import { Verdict } from '../../../shared/contracts/verdict.ts'
import { evidenceOf } from '../../support/gate-readings.ts'
import {
  aPairRow,
  candidateFailed,
  controlArm,
  controlFailed,
  gateOf,
  gates,
  traffic,
  verdictOn,
} from '../../support/pair-rows.ts'
import { seededRandom } from '../../support/statistics.ts'

const startMs = Date.UTC(2026, 10, 2)
const minuteMs = 60_000
/** One exchange a minute; `fails` by the minute. */
const minutes = (count: number, fails: (minute: number) => boolean) =>
  comparablePairs(
    Array.from({ length: count }, (_, minute) =>
      aPairRow(minute, { capturedAtMs: startMs + minute * minuteMs, ...(fails(minute) ? candidateFailed : {}) }),
    ),
    controlArm.fingerprint,
  )
function watched(pairs: ReturnType<typeof minutes>) {
  const watches = noWatches()
  watchPairs(watches, pairs)
  return watches
}
const found = (pairs: ReturnType<typeof minutes>) =>
  dealtWith(watched(pairs), pairs.length)
    .told.filter(({ arm }) => arm === 'candidate')
    .map(({ from, to, exchanges, failures }) => [
      (Date.parse(from) - startMs) / minuteMs,
      (Date.parse(to) - startMs) / minuteMs,
      exchanges,
      failures,
    ])

test('an incident is a run of five minutes and more in which over a fifth of the requests fail', () => {
  deepEqual(found(minutes(60, (minute) => minute >= 20 && minute < 32 && minute % 2 === 0)), [[20, 30, 11, 6]])
})

test('exactly a fifth, a few failures, or failures that are spread out are none', () => {
  deepEqual(found(minutes(600, (minute) => minute % 5 === 0)), [])
  deepEqual(found(minutes(600, (minute) => minute >= 20 && minute < 24)), [])
  deepEqual(found(minutes(600, (minute) => minute % 37 === 0)), [])
})

test('fifteen good requests end an incident, fourteen do not, and so does an hour of silence', () => {
  deepEqual(found(minutes(60, (minute) => minute < 10 || (minute >= 25 && minute < 35))), [
    [0, 9, 10, 10],
    [25, 34, 10, 10],
  ])
  deepEqual(found(minutes(60, (minute) => minute < 10 || (minute >= 24 && minute < 34))), [[0, 33, 34, 20]])
  const silent = [...minutes(10, () => true), ...minutes(90, () => true).slice(80)]
  deepEqual(
    found(silent).map(([from]) => from),
    [0, 80],
  )
})

const at = (row: PairRow, number: number) => ({ ...row, capturedAtMs: startMs + number * 5 * minuteMs })
/** Two weeks with an exchange every five minutes; `failed` during the hours given. */
function weeks(failed: Partial<PairRow>, hours: (hour: number) => boolean): PairRow[] {
  return traffic(4_032)
    .map(at)
    .map((row, number) => (hours(Math.floor(number / 12)) ? { ...row, ...failed } : row))
}
const switchedOff = { gates: gates({ excludeIncidents: false }) }

test('an outage of the candidate’s provider keeps GO waiting, and is no NO-GO by itself', () => {
  const outage = weeks(candidateFailed, (hour) => hour >= 100 && hour < 108)
  const verdict = verdictOn(outage)

  equal(verdict.verdict, 'inconclusive')
  equal(gateOf(verdict, 'errors').state, 'undecided')
  ok(gateOf(verdict, 'errors').mean! < 0)
  equal(verdictOn(outage, switchedOff).verdict, 'no_go')
  deepEqual(verdict.incidents, [
    {
      arm: 'candidate',
      from: '2026-11-06T04:00:00.000Z',
      to: '2026-11-06T11:55:00.000Z',
      minutes: 475,
      exchanges: 96,
      failures: 96,
      treatment: 'not_towards_no_go',
    },
  ])
  equal(Verdict.safeParse(verdict).error, undefined)
  match(section(verdict)!.sentences[0]!, /: 0 minutes of the control, 475 of subtle\.$/)
})

test('GO with an incident of the candidate has all of its failures in it', () => {
  const shortOutage = weeks(candidateFailed, (hour) => hour === 100)

  deepEqual(
    gateOf(verdictOn(shortOutage), 'errors').logEGo,
    gateOf(verdictOn(shortOutage, switchedOff), 'errors').logEGo,
  )
})

test('a candidate that fails again and again, or all the time, is not excused', () => {
  for (const hours of [(hour: number) => hour % 12 === 0, () => true]) {
    const verdict = verdictOn(weeks(candidateFailed, hours))
    equal(verdict.verdict, 'no_go')
    ok(verdict.incidents.every(({ treatment }) => treatment === 'counted'))
  }
  match(section(verdictOn(weeks(candidateFailed, () => true)))!.sentences.at(-1)!, /that is no incident/)
})

test('while the control fails nobody wins: these minutes are left out for both arms, and only there', () => {
  const rows = weeks({ ...controlFailed, quality: 1 }, (hour) => hour >= 100 && hour < 108)
  const [verdict, off] = [verdictOn(rows), verdictOn(rows, switchedOff)]

  equal(gateOf(verdict, 'errors').units, 4_032 - 96)
  equal(gateOf(off, 'errors').units, 4_032)
  ok(gateOf(verdict, 'errors').mean! < gateOf(off, 'errors').mean!)
  equal(gateOf(verdict, 'errorCeiling').units, 4_032)
  equal(gateOf(verdict, 'replayLow').units, 4_032 - 96)
  equal(verdict.incidents[0]!.treatment, 'left_out')
})

test('a control that fails for long is not faithful, and short of that leaves too little for GO', () => {
  const long = verdictOn(weeks(controlFailed, (hour) => hour % 8 === 0))
  equal(long.reason, 'replay_not_faithful')
  const rows = weeks({}, () => false).map((row, number) =>
    Math.floor(number / 12) % 6 === 0 ? { ...row, ...controlFailed, controlSoundness: 1 } : row,
  )
  const verdict = verdictOn(rows)
  equal(verdict.reason, 'incidents_too_long')
  match(verdict.sentence, /failed in incidents that cover 1\d\.\d % of the exchanges/)
})

test('no incidents, no section', () => {
  equal(section(verdictOn(traffic(200))), null)
})

const alpha = 0.05
const runs = 40
const mostFalse = alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / runs)
const errors = gatesOf(gates({ errors: { unit: 'hour' } }), true).find(({ name }) => name === 'errors')!

/** Share of seeded runs of twenty days with twenty requests an hour in which the errors gate is inside at any of the looks. */
function shareInside(exchange: (hour: number, random: () => number) => Partial<PairRow>, excludes: boolean): number {
  let inside = 0
  for (let run = 1; run <= runs; run += 1) {
    const random = seededRandom(run * 7_919)
    let hour = 0
    const rows = Array.from({ length: 24 * 20 * 20 }, (_, number) => {
      if (number % 20 === 0) hour = random()
      return aPairRow(number, { capturedAtMs: startMs + number * 180_000, ...exchange(hour, random) })
    })
    const looks = [10, 20].map((days) => rows.slice(0, days * 24 * 20))
    inside += Number(looks.some((seen) => isInside(seen, excludes)))
  }
  return inside / runs
}

/** As a verdict deals with them. */
function incidentsIn(pairs: ReturnType<typeof minutes>) {
  const { leftOut, forgiven } = partsIn(watched(pairs), pairs)
  return { leftOut, forgiven: dealtWith(watched(pairs), pairs.length).isForgiven ? forgiven : new Set<never>() }
}

function isInside(rows: PairRow[], excludes: boolean): boolean {
  const pairs = comparablePairs(rows, controlArm.fingerprint)
  const units = unitsOf(pairs, new Date(), true)
  const { logEGo } = evidenceOf(errors, pairs, units, alpha, excludes ? incidentsIn(pairs) : noIncidents)
  return logEGo! >= Math.log(1 / alpha)
}

test('a candidate that fails in bursts, one point above the control in all, gets no more GO for its bursts being incidents', () => {
  const share = shareInside((hour, random) => (hour < 0.02 && random() < 0.5 ? candidateFailed : {}), true)
  ok(share <= mostFalse, `inside in ${(share * 100).toFixed(1)} % of the runs`)
})

test('a candidate one point above the control gets no GO from the control’s incidents, as it would if they counted', () => {
  const exchange = (hour: number, random: () => number) => ({
    ...(random() < 0.01 ? candidateFailed : {}),
    ...(hour < 0.04 && random() < 0.5 ? controlFailed : {}),
  })
  const [left, counted] = [shareInside(exchange, true), shareInside(exchange, false)]

  ok(left <= mostFalse, `inside in ${(left * 100).toFixed(1)} % of the runs`)
  ok(counted > 0.5, `${counted}: the world is one in which it matters`)
})
