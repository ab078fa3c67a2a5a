import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import {
  fixedUnits,
  pairedPassSd,
  sequentialFloor,
  resolvableMean,
  sequentialUnits,
} from '../../../shared/statistics/planning.ts'
import { closeTo } from '../../support/statistics.ts'

const table = [
  { sd: 0.3, margin: 0.02, sequential: [1733, 3132, 4210], floor: 292 },
  { sd: 0.245, margin: 0.02, sequential: [1176, 2100, 2816], floor: 292 },
  { sd: 0.15, margin: 0.02, sequential: [517, 833, 1090], floor: 292 },
  { sd: 0.3, margin: 0.05, sequential: [297, 512, 682], floor: 115 },
  { sd: 0.1, margin: 0.01, sequential: [959, 1505, 1957], floor: 586 },
]

for (const { sd, margin, sequential, floor } of table) {
  test(`planning for sd ${sd} and margin ${margin} gives the published sizes`, () => {
    const sequence = { sd, mean: margin, bound: 1 - margin, alpha: 0.05 }

    equal(Math.ceil(sequentialFloor(sequence)), floor)
    ;[0.5, 0.8, 0.9].forEach((power, index) => equal(sequentialUnits({ ...sequence, power }), sequential[index]))
  })
}

test('a mean at or below the margin is never proved', () => {
  equal(sequentialUnits({ sd: 0.3, mean: 0, bound: 1, alpha: 0.05, power: 0.8 }), Infinity)
})

test('a truly better candidate needs fewer units', () => {
  const plan = { sd: 0.3, bound: 0.98, alpha: 0.05, power: 0.8 }
  ok(sequentialUnits({ ...plan, mean: 0.04 }) < sequentialUnits({ ...plan, mean: 0.02 }) / 2)
})

test('units for one planned look are those of the published table', () => {
  const table = [
    [0.3, 0.02, 1_392, 1_927],
    [0.245, 0.02, 928, 1_286],
    [0.15, 0.02, 348, 482],
    [0.3, 0.05, 223, 309],
    [0.1, 0.01, 619, 857],
  ] as const
  for (const [sd, margin, once, equivalence] of table) {
    const plan = { sd, margin, alpha: 0.05, power: 0.8 }
    equal(fixedUnits(plan), once)
    equal(fixedUnits({ ...plan, equivalence: true }), equivalence)
  }
  equal(fixedUnits({ sd: 0.3, margin: 0.02, alpha: 0.05, power: 0.8, designEffect: 2 }), 2_783)
  equal(fixedUnits({ sd: 0.3, margin: 0.02, alpha: 0.05, power: 0.8, difference: -0.02 }), Infinity)
})

test('the spread of a difference of passes is that of its discordant pairs', () => {
  closeTo(pairedPassSd(0.03, 0.03), Math.sqrt(0.06), 1e-15)
  closeTo(pairedPassSd(0.05, 0.01), Math.sqrt(0.06 - 0.0016), 1e-15)
})

test('what so many units can resolve is what takes so many units', () => {
  // Far above the floor, where the spread alone matters.
  const plan = { sd: 0.3, alpha: 0.05, power: 0.8 }
  const units = sequentialUnits({ ...plan, mean: 0.005, bound: 0.97 })
  closeTo(resolvableMean({ ...plan, units }), 0.005, 0.0001)
})
