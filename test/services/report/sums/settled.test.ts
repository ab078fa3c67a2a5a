import { deepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { differing } from '../../../../services/report/differing.ts'
import { type PairRow } from '../../../../services/report/pairs.ts'
import {
  advance,
  foreseeing,
  type Foreseen,
  isConsistent,
  isNeeded,
  nothingSettled,
  settle,
  type Settled,
} from '../../../../services/report/sums/settled.ts'
import { verdictFrom, type VerdictInput, verdictOf } from '../../../../services/report/verdict.ts'
import { Slices } from '../../../../shared/config/schema.ts'
import { type Verdict } from '../../../../shared/contracts/verdict.ts'
import { balancedLedger, candidateArm, controlArm, gates } from '../../../support/pair-rows.ts'
import { randomTraffic, trafficStartMs } from '../../../support/random-traffic.ts'

const hourMs = 3_600_000

type World = { rows: readonly PairRow[]; input: VerdictInput }

const anyWorld = fc
  .record({
    seed: fc.nat(),
    exchanges: fc.integer({ min: 300, max: 1_800 }),
    hours: fc.integer({ min: 3, max: 60 }),
    asOfHours: fc.integer({ min: 1, max: 70 }),
    ended: fc.boolean(),
    errorsUnit: fc.constantFrom('conversation' as const, 'hour' as const),
    maxUnits: fc.constantFrom(undefined, 150, 400),
    excludeIncidents: fc.boolean(),
  })
  .map(({ seed, exchanges, hours, asOfHours, ended, errorsUnit, maxUnits, excludeIncidents }): World => {
    const asOfMs = trafficStartMs + asOfHours * hourMs
    const input: VerdictInput = {
      candidate: candidateArm,
      control: controlArm,
      ledger: balancedLedger,
      gates: gates({
        errors: { unit: errorsUnit },
        ttftP50: { unit: errorsUnit },
        excludeIncidents,
        ...(maxUnits === undefined ? {} : { maxUnits }),
      }),
      asOf: new Date(asOfMs),
      trafficEnded: ended,
      judge: { version: 'v1', allowOwnFamily: false },
      candidates: 1,
      slices: Slices.parse({}),
    }
    const rows = randomTraffic(seed, exchanges, hours).filter(({ capturedAtMs }) => capturedAtMs <= asOfMs)
    return { rows, input }
  })

/** Settles at these moments, as shares of the time there is, each time from the rows that are still needed alone. */
function fromSums({ rows, input }: World, moments: readonly number[]): Verdict {
  const settledBy = (foreseen?: Foreseen) => {
    const closed = new Set<string>()
    const isClosed = (id: string) => closed.has(id)
    let settled: Settled = nothingSettled(input)
    const needed = () => rows.filter((row) => isNeeded(row, settled))
    const spanMs = input.asOf.getTime() - trafficStartMs
    for (const moment of moments.toSorted((a, b) => a - b)) {
      const asOf = new Date(trafficStartMs + moment * spanMs)
      const next = settle(settled, needed(), input, { asOf, isClosed, ...(foreseen && { foreseen }) })
      if (next === null) continue
      settled = next
      for (const id of settled.silent) closed.add(id)
    }
    return advance(settled, needed(), input, { ...input, isClosed, ...(foreseen && { foreseen }) })
  }
  const first = settledBy()
  return verdictFrom(input, isConsistent(first, input) ? first : settledBy(foreseeing(first, input)))
}

const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 })

test('however often and whenever what is over was added up, the verdict is that from all rows at once', () => {
  let seen = 0
  fc.assert(
    fc.property(anyWorld, shares, (world, moments) => {
      const whole = verdictOf({ ...world.input, rows: world.rows })
      seen += Number(whole.incidents.length > 0)
      deepEqual(differing(whole, fromSums(world, moments)), [])
    }),
    { numRuns: 60 },
  )
  ok(seen > 0, 'some of the worlds have incidents')
})
