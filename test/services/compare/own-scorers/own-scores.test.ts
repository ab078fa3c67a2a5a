import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { compareSet } from '../../../../services/compare/compare.ts'
import { type OwnScorer, type ScorerInput } from '../../../../services/compare/own-scorers/own-scorer.ts'
import { runScorer } from '../../../../services/compare/own-scorers/run.ts'
import { ladderAlone, type Terms } from '../../../../services/compare/terms.ts'
import { readyWaivers } from '../../../../services/compare/waivers/covering.ts'
import { waiverId } from '../../../../shared/config/waivers.ts'
import { aControl, anAnswer, anObservation, aSet } from '../builders.ts'

const aScorer = (score: (input: ScorerInput) => unknown, rest: Partial<OwnScorer> = {}): OwnScorer => ({
  name: 'tone',
  as: 'score',
  timeoutMs: 60_000,
  sha256: 'aa',
  score,
  ...rest,
})

const input: ScorerInput = { task: 'text', request: null, served: anAnswer(), arm: anAnswer({ text: 'Shipped.' }) }
const at = new Date('2026-11-27T12:00:00Z')

/** The candidate's comparison; its answer says the served one's words. */
function compared(terms: Partial<Terms>, arm = anAnswer()) {
  const set = aSet({ observations: [aControl(), anObservation({ answer: arm })] })
  return compareSet(set, at, { ...ladderAlone, ...terms })[1]!
}

test('a scorer sees request, task and both answers as plain data, and what it does to them stays with it', () => {
  let seen: ScorerInput | undefined
  const spy = aScorer((given) => {
    seen = structuredClone(given)
    given.arm.text = 'changed'
    Object.assign(given, { served: null })
    return 0.5
  })
  const { scores, armExcerpt } = compared({
    scorers: [spy, aScorer(({ arm }) => Number(arm.text !== 'changed'), { name: 'next' })],
  })

  deepEqual([scores['tone'], scores['next']], [0.5, 1])
  ok(armExcerpt !== 'changed')
  equal(seen!.task, 'text')
  deepEqual(seen!.request, { model: 'large', messages: [{ role: 'user', content: 'Where is it?' }] })
  equal(seen!.served.text, anAnswer().text)
})

test('whatever a scorer does instead of scoring is a reason, and nothing more', () => {
  const circular: { self?: unknown } = {}
  circular.self = circular
  const outcomes = [
    () => NaN,
    () => 1.5,
    () => -0.1,
    () => Infinity,
    () => '1',
    () => true,
    () => circular,
    () => Promise.resolve(1),
    () => {
      throw new TypeError('no such thing')
    },
    () => {
      throw null
    },
    () => {
      throw Object.create(null)
    },
    ({ served }: ScorerInput) => (served as unknown as { a: { b: number } }).a.b,
  ].map((score) => runScorer(aScorer(score), input))

  for (const { score, notScored } of outcomes) {
    equal(score, null)
    match(notScored!, /^(gave|threw) /)
  }
  equal(outcomes[0]!.notScored, 'gave NaN, which is not in 0 to 1')
  equal(outcomes[8]!.notScored, 'threw TypeError: no such thing')
})

test('a scorer that never ends is ended, however it goes on', () => {
  for (const score of [
    () => {
      for (;;);
    },
    () => {
      for (;;) {
        try {
          for (;;);
        } catch {
          // It goes on.
        }
      }
    },
    () => /^(a+)+$/.test(`${'a'.repeat(60)}!`),
    () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  ]) {
    deepEqual(runScorer(aScorer(score, { timeoutMs: 50 }), input), { score: null, notScored: 'took longer than 50 ms' })
  }
  deepEqual(
    runScorer(
      aScorer(() => 0.25),
      input,
    ),
    { score: 0.25, notScored: null },
  )
})

test('null and nothing mean that the scorer does not apply', () => {
  for (const score of [() => null, () => undefined])
    deepEqual(runScorer(aScorer(score), input), { score: null, notScored: null })
})

test('a score is recorded and changes nothing; one that makes quality lowers it and never raises it', () => {
  const low = (as: OwnScorer['as']) => compared({ scorers: [aScorer(() => 0.3, { as })] })

  deepEqual([low('score').measured!.quality, low('score').outcome, low('score').scores['tone']], [1, 'equivalent', 0.3])
  const lowered = low('quality')
  deepEqual([lowered.measured!.quality, lowered.outcome, lowered.decidedBy], [0.3, 'different', 'scorer'])
  equal(lowered.differences[0]!.message, 'tone gives 0.3')

  const wrong = anAnswer({ text: 'Nothing of the kind was ever ordered by you, madam.' })
  const high = aScorer(() => 1, { as: 'quality' })
  equal(compared({ scorers: [high] }, wrong).measured!.quality, compared({}, wrong).measured!.quality)
})

test('a scorer that makes quality and fails lowers nothing, and the comparison says so', () => {
  const failing = aScorer(() => NaN, { as: 'quality' })
  const { measured, notScored, scores, outcome } = compared({
    scorers: [failing, aScorer(() => 0.9, { name: 'fine' })],
  })

  deepEqual([measured!.quality, outcome, scores['fine']], [1, 'equivalent', 0.9])
  deepEqual(notScored, { tone: 'gave NaN, which is not in 0 to 1' })
})

test('what a scorer says can be waived as any other difference', () => {
  const waiver = { rung: 'scorer', pattern: '^tone ', reason: 'known', author: 'ana', expires: '2027-01-31' } as const
  const comparison = compared({
    waivers: readyWaivers([waiver]),
    scorers: [aScorer(() => 0.3, { as: 'quality' }), aScorer(() => 0.8, { name: 'other', as: 'quality' })],
  })

  deepEqual([comparison.measured!.quality, comparison.waived], [0.8, [waiverId(waiver)]])
})

test('another text of a module, another name or another part in quality is another version', () => {
  const versionOf = (...scorers: OwnScorer[]) => compared({ scorers }).scorerVersion
  const score = () => 1

  equal(versionOf(aScorer(score)), versionOf(aScorer(score, { timeoutMs: 5 })))
  const others = [{}, { sha256: 'bb' }, { as: 'quality' as const }, { name: 'other' }]
  equal(new Set([versionOf(), ...others.map((rest) => versionOf(aScorer(score, rest)))]).size, 5)
})
