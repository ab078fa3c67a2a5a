import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { assign } from '../../../../services/compare/json/assign.ts'

test('the best whole is taken, not the best of each row', () => {
  // Row 0 would like column 0 best, but row 1 needs it more.
  deepEqual(
    assign([
      [1, 2],
      [1, 9],
    ]),
    [1, 0],
  )
  deepEqual(assign([]), [])
  deepEqual(assign([[3, 1, 2]]), [1])
})

const sum = (costs: number[][], chosen: number[]): number =>
  chosen.reduce((total, column, row) => total + costs[row]![column]!, 0)

function* choices(rows: number, columns: number[]): Generator<number[]> {
  if (rows === 0) yield []
  for (const column of rows === 0 ? [] : columns) {
    for (const rest of choices(
      rows - 1,
      columns.filter((each) => each !== column),
    ))
      yield [column, ...rest]
  }
}

test('law: no other choice of columns costs less, and each column is taken once', () => {
  const sized = fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.constantFrom(2, 10, 2 ** 40))
    .filter(([rows, columns]) => rows <= columns)
  const costs = sized.chain(([rows, columns, max]) =>
    fc.array(fc.array(fc.integer({ min: -max, max }), { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows,
    }),
  )
  fc.assert(
    fc.property(costs, (costs) => {
      const chosen = assign(costs)
      equal(new Set(chosen).size, costs.length)
      let least = Infinity
      for (const other of choices(costs.length, [...costs[0]!.keys()])) least = Math.min(least, sum(costs, other))
      equal(sum(costs, chosen), least)
    }),
  )
})
