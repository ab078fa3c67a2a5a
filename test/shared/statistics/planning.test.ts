import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { equivalenceUnits, fixedUnits, sequentialFloor, sequentialUnits } from '../../../shared/statistics/planning.ts'

const table = [
  { sd: 0.3, margin: 0.02, fixed: 1392, both: 1927, sequential: [1733, 3132, 4210], floor: 292 },
  { sd: 0.245, margin: 0.02, fixed: 928, both: 1286, sequential: [1176, 2100, 2816], floor: 292 },
  { sd: 0.15, margin: 0.02, fixed: 348, both: 482, sequential: [517, 833, 1090], floor: 292 },
  { sd: 0.3, margin: 0.05, fixed: 223, both: 309, sequential: [297, 512, 682], floor: 115 },
  { sd: 0.1, margin: 0.01, fixed: 619, both: 857, sequential: [959, 1505, 1957], floor: 586 },
]

for (const { sd, margin, fixed, both, sequential, floor } of table) {
  test(`planning for sd ${sd} and margin ${margin} gives the published sizes`, () => {
    const plan = { sd, margin, alpha: 0.05, power: 0.8 }
    const sequence = { sd, mean: margin, bound: 1 - margin, alpha: 0.05 }

    equal(fixedUnits(plan), fixed)
    equal(equivalenceUnits(plan), both)
    equal(Math.ceil(sequentialFloor(sequence)), floor)
    ;[0.5, 0.8, 0.9].forEach((power, index) => equal(sequentialUnits({ ...sequence, power }), sequential[index]))
  })
}

test('a mean at or below the margin is never proved', () => {
  equal(sequentialUnits({ sd: 0.3, mean: 0, bound: 1, alpha: 0.05, power: 0.8 }), Infinity)
})

test('a truly better candidate needs fewer units', () => {
  equal(fixedUnits({ sd: 0.3, margin: 0.02, effect: 0.02, alpha: 0.05, power: 0.8 }), 348)
})
