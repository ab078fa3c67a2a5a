import { deepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { inOrder, isDrawn, type Queued } from '../../../../services/report/review/queue-order.ts'

const queued = fc.record({
  exchangeId: fc.uuid(),
  why: fc.constantFrom<Queued['why']>('disagreement', 'unsure', 'random_fail', 'random_pass'),
  capturedAtMs: fc.integer({ min: 0, max: 5 }),
  disagreement: fc.constantFrom(0.5, 0.75, 1),
  fraction: fc.constantFrom(0, 0.01, 0.02),
})
const pairs = fc.uniqueArray(queued, { selector: ({ exchangeId }) => exchangeId, maxLength: 40 })
const idsOf = (of: readonly Queued[]) => of.map(({ exchangeId }) => exchangeId)

test('the order is total: it does not depend on the order in which pairs come, and loses none', () => {
  const shuffled = pairs.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })))
  fc.assert(
    fc.property(shuffled, ([all, other]) => {
      deepEqual(idsOf(inOrder(other)), idsOf(inOrder(all)))
      deepEqual(idsOf(inOrder(all)).toSorted(), idsOf(all).toSorted())
    }),
  )
})

test('it is stable: what was labelled leaves, and the rest of its kind stays in its order', () => {
  fc.assert(
    fc.property(pairs, fc.nat(), (all, at) => {
      const before = inOrder(all)
      const gone = before[at % Math.max(1, before.length)]?.exchangeId
      const after = inOrder(all.filter(({ exchangeId }) => exchangeId !== gone))
      for (const drawn of [true, false]) {
        const kind = (of: readonly Queued[]) =>
          idsOf(of.filter((pair) => isDrawn(pair) === drawn && pair.exchangeId !== gone))
        deepEqual(kind(after), kind(before))
      }
    }),
  )
})

test('after every three picked pairs stands a drawn one, disagreements come before what is unsure, the largest first', () => {
  fc.assert(
    fc.property(pairs, (all) => {
      const ordered = inOrder(all)
      const drawnLeft = all.filter(isDrawn).length
      for (const [place, pair] of ordered.entries()) {
        const before = ordered.slice(0, place)
        const [picked, drawn] = [before.filter((each) => !isDrawn(each)).length, before.filter(isDrawn).length]
        if (!isDrawn(pair) && drawn < drawnLeft) ok(picked < 3 * (drawn + 1))
      }
      const picked = ordered.filter((pair) => !isDrawn(pair))
      for (const [index, pair] of picked.entries()) {
        const next = picked[index + 1]
        if (next === undefined) continue
        ok(!(pair.why === 'unsure' && next.why === 'disagreement'))
        if (pair.why === next.why && pair.why === 'disagreement') ok(pair.disagreement >= next.disagreement)
      }
      const drawn = ordered.filter(isDrawn)
      ok(drawn.every((pair, index) => index === 0 || drawn[index - 1]!.fraction <= pair.fraction))
    }),
  )
})
