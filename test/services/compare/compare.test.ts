import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { compareSet } from '../../../services/compare/compare.ts'
import { Comparison } from '../../../shared/contracts/comparison.ts'
import { type ObservationSet } from '../../../shared/contracts/observation.ts'
import { aControl, anAnswer, anObservation, aSet } from './builders.ts'

const comparedAt = new Date('2026-11-02T09:00:00Z')

function rows(set: ObservationSet): Comparison[] {
  // Every row must be one that the next stage accepts.
  return compareSet(set, comparedAt).map((row) => Comparison.parse(row))
}

const candidateOf = (set: ObservationSet): Comparison => rows(set).find(({ arm }) => arm === 'small')!
const served = (given: object) => candidateOf(aSet({ served: given }))
const observed = (given: object) => candidateOf(aSet({ observations: [anObservation(given)] }))
const loss = { parameter: 'seed', kind: 'dropped', detail: 'not supported' } as const

test('every observation becomes one comparison with its id, its exchange and both prices', () => {
  const [control, candidate] = rows(aSet())

  deepEqual([control!.arm, candidate!.arm], ['control', 'small'])
  equal(candidate!.comparisonId, anObservation().observationId)
  equal(candidate!.comparedAt, '2026-11-02T09:00:00.000Z')
  deepEqual(candidate!.served, { soundness: 1, ttftMs: 400, totalMs: 2000, outputTokens: 12, costUsd: 0.0041 })
  deepEqual(candidate!.measured, {
    error: false,
    quality: 1,
    divergence: 0,
    soundness: 1,
    ttftMs: 210,
    totalMs: 900,
    outputTokens: 12,
    costUsd: 0.0004,
  })
})

test('a candidate’s row carries its control’s measures, the control’s own row carries none', () => {
  const [control, candidate] = rows(aSet())

  deepEqual(candidate!.control, control!.measured)
  equal(candidate!.controlFingerprint, 'cccccccccccccccc')
  equal(control!.control, null)
  equal(control!.controlFingerprint, null)
})

test('without a comparable control a candidate is compared alone', () => {
  const alone = candidateOf(aSet({ observations: [anObservation()] }))
  const notAsked = aControl({ outcome: 'not_asked', notAskedReason: 'budget_reached', answer: null })
  const beside = candidateOf(aSet({ observations: [notAsked, anObservation()] }))

  for (const row of [alone, beside]) {
    equal(row.outcome, 'equivalent')
    equal(row.control, null)
    equal(row.controlFingerprint, null)
  }
})

test('a control that failed is carried as a failure, since latency and errors count it', () => {
  const control = aControl({ outcome: 'failed', failureKind: 'timeout', answer: null })

  const carried = candidateOf(aSet({ observations: [control, anObservation()] })).control!

  deepEqual([carried.error, carried.quality, carried.totalMs], [true, 0, null])
})

test('a failed arm has the worst answer, no latency, and the cost that was billed', () => {
  const row = candidateOf(
    aSet({ observations: [anObservation({ outcome: 'failed', failureKind: 'timeout', answer: null, status: null })] }),
  )

  deepEqual([row.outcome, row.reason, row.decidedBy], ['failed', 'timeout', 'status'])
  deepEqual(row.measured, {
    error: true,
    quality: 0,
    divergence: 1,
    soundness: 0,
    ttftMs: null,
    totalMs: null,
    outputTokens: null,
    costUsd: 0.0004,
  })
  deepEqual(row.scores, {})
})

test('an answer that is an error, or broke off, is a failure whatever the HTTP status said', () => {
  const error = observed({ answer: anAnswer({ outcome: 'error' }) })
  const brokenOff = observed({ answer: anAnswer({ outcome: 'incomplete_stream' }) })

  deepEqual([error.outcome, error.reason], ['failed', 'stream_error'])
  deepEqual([brokenOff.outcome, brokenOff.reason], ['failed', 'incomplete_stream'])
})

test('what is not the arm’s doing is not comparable, and says whose doing it is', () => {
  const reasons = [
    served({ end: 'client_aborted' }),
    served({ status: 500 }),
    served({ answer: anAnswer({ outcome: 'error' }) }),
    served({ answer: anAnswer({ outcome: 'incomplete_stream', complete: false }) }),
    served({ answer: null }),
    observed({ outcome: 'not_asked', notAskedReason: 'budget_reached', answer: null }),
    observed({ losses: [{ ...loss, severity: 'material' }] }),
  ].map((row) => {
    deepEqual([row.outcome, row.measured], ['not_comparable', null])
    return row.reason
  })

  deepEqual(reasons, [
    'served_error',
    'served_error',
    'served_error',
    'served_error',
    'not_asked:body_not_captured',
    'not_asked:budget_reached',
    'material_loss:seed',
  ])
})

test('vectors are never scored as if they were words', () => {
  const embeddings = aSet({ exchange: { dialect: 'openai-embeddings' }, served: { answer: anAnswer({ text: '' }) } })
  const reasons = compareSet(embeddings, new Date()).map(({ outcome, reason }) => [outcome, reason])
  deepEqual(reasons, [
    ['not_comparable', 'unsupported_task:embeddings'],
    ['not_comparable', 'unsupported_task:embeddings'],
  ])
})

test('a minor loss is told and does not stand in the way', () => {
  const row = candidateOf(aSet({ observations: [anObservation({ losses: [{ ...loss, severity: 'minor' }] })] }))

  deepEqual([row.outcome, row.losses], ['equivalent', ['seed:dropped']])
})

test('the answers’ beginnings are kept, cut between characters, with half characters replaced', () => {
  const text = `${'a'.repeat(598)}😀😀`
  const row = candidateOf(
    aSet({
      served: { answer: anAnswer({ text }) },
      observations: [anObservation({ answer: anAnswer({ text: '\ud800x' }) })],
    }),
  )

  equal(row.servedExcerpt, `${'a'.repeat(598)}…`)
  equal(row.armExcerpt, '\ufffdx')
})

test('an excerpt of an answer that only calls tools shows the calls', () => {
  const toolCalls = [{ id: null, name: 'refund', argumentsText: '{"order":7}' }]
  const answer = anAnswer({ text: '', toolCalls, finish: 'tool_calls' })

  equal(candidateOf(aSet({ served: { answer } })).servedExcerpt, 'refund({"order":7})')
})

test('where a text is longer than what is scored, the comparison says how much was', () => {
  const saying = (text: string) =>
    compareSet(
      aSet({
        served: { answer: anAnswer({ text }) },
        observations: [anObservation({ answer: anAnswer({ text: 'Soon.' }) })],
      }),
      new Date(),
    )[0]!.scoredChars

  deepEqual([saying('It is on its way.'), saying('It is on its way. '.repeat(20_000))], [null, 200_000])
})
