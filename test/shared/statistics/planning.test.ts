import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { sequentialFloor, sequentialUnits } from '../../../shared/statistics/planning.ts'

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
