import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { compareSet } from '../../../services/compare/compare.ts'
import { ladderAlone } from '../../../services/compare/terms.ts'
import { Comparison } from '../../../shared/contracts/comparison.ts'
import { type Answer } from '../../../shared/contracts/answer.ts'
import { type ObservationSet } from '../../../shared/contracts/observation.ts'
import { aCall, aControl, anAnswer, anObservation, aSet } from './builders.ts'

const comparedAt = new Date('2026-11-02T09:00:00Z')

function rows(set: ObservationSet): Comparison[] {
  // Every row must be one that the next stage accepts.
  return compareSet(set, comparedAt).map((row) => Comparison.parse(row))
}

const candidateOf = (set: ObservationSet): Comparison => rows(set).find(({ arm }) => arm === 'small')!
const served = (given: object) => candidateOf(aSet({ served: given }))
const observed = (given: object) => candidateOf(aSet({ observations: [anObservation(given)] }))
const loss = { parameter: 'seed', kind: 'dropped', detail: 'not supported' } as const

test('losses of the chosen severity, or a graver one, keep a pair out of the gates', () => {
  const reasonOf = (severity: 'minor' | 'material', excludeLosses: 'minor' | 'material') => {
    const set = aSet({ observations: [anObservation({ losses: [{ ...loss, severity }] })] })
    return compareSet(set, comparedAt, { ...ladderAlone, excludeLosses }).find(({ arm }) => arm === 'small')!.reason
  }
  deepEqual(
    [reasonOf('minor', 'material'), reasonOf('minor', 'minor'), reasonOf('material', 'minor')],
    [null, 'minor_loss:seed', 'material_loss:seed'],
  )
})

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

test('what a pair comes to is recorded, for the arm and for the control beside it', () => {
  const served = anAnswer({ text: 'Your refund of 40 € was issued.' })
  const altered = anObservation({ answer: anAnswer({ text: 'Your refund of 48 € was issued.' }) })
  const [control, candidate] = rows(
    aSet({ served: { answer: served }, observations: [aControl({ answer: served }), altered] }),
  )

  deepEqual(candidate!.found, { finding: 'harmful', kinds: ['facts:amount'], paths: [], label: null })
  equal(candidate!.controlFound!.finding, 'same')
  equal(candidate!.controlFound!.decidedBy, 'identical')
  equal(candidate!.controlFound!.scores['exact'], 1)
  equal(control!.found!.finding, 'same')
  equal(control!.controlFound, null)
})

test('a failure is harmful, and what cannot be compared has no finding', () => {
  const failed = observed({ outcome: 'failed', failureKind: 'timeout', answer: null })
  deepEqual(failed.found, { finding: 'harmful', kinds: ['status:timeout'], paths: [], label: null })
  equal(observed({ outcome: 'not_asked', notAskedReason: 'paused', answer: null }).found, null)
  equal(served({ status: 500 }).found, null)
})

test('documents are recorded as the places where they differ, whatever the index, and calls by the name of the tool', () => {
  const document = (lines: unknown[], total: number) => anAnswer({ text: JSON.stringify({ lines, total }) })
  const of = (served: Answer, arm: Answer) =>
    candidateOf(aSet({ served: { answer: served }, observations: [anObservation({ answer: arm })] })).found!.paths

  const lines = [{ price: 1 }, { price: 2 }, { price: 3 }]
  deepEqual(of(document(lines, 6), document([{ price: 9 }, { price: 2 }, { price: 8 }], 7)), [
    '/lines/*/price',
    '/total',
  ])
  deepEqual(of(document(lines, 6), document(lines, 6)), [])
  const calling = (name: string, args: object) => anAnswer({ text: '', toolCalls: [aCall(name, args)] })
  deepEqual(of(calling('refund', { amount: 5, order: 7 }), calling('refund', { amount: 6, order: 7, note: 'x' })), [
    'refund/amount',
    'refund/note',
  ])
  deepEqual(of(calling('refund', {}), calling('cancel', {})), ['refund', 'cancel'])
})

test('labels are recorded as they were compared, of served answer, arm and control', () => {
  const label = (text: string) => anAnswer({ text })
  const row = candidateOf(
    aSet({
      exchange: { task: 'label' },
      served: { answer: label('Billing') },
      observations: [aControl({ answer: label('**billing**') }), anObservation({ answer: label('shipping.') })],
    }),
  )

  deepEqual([row.servedFound.label, row.found!.label, row.controlFound!.label], ['billing', 'shipping', 'billing'])
  equal(candidateOf(aSet()).servedFound.label, null)
})

const manual = {
  model: 'large',
  messages: [
    { role: 'system', content: 'Answer from the context.' },
    {
      role: 'user',
      content: 'Context:\nThe L2 of Lindqvist weighs 2 kg and costs 48 €.\n\nQuestion: What about the L2?',
    },
  ],
}
const answered = (text: string) => anAnswer({ text })
const onManual = (servedText: string, armText: string, grounded: boolean | null, request: unknown = manual) => {
  const set = aSet({
    request,
    served: { answer: answered(servedText) },
    observations: [aControl({ answer: answered(servedText) }), anObservation({ answer: answered(armText) })],
  })
  const [, candidate] = compareSet(set, comparedAt, {
    ...ladderAlone,
    settingsOf: () => ({ factVeto: 'text', grounded }),
  }).map((row) => Comparison.parse(row))
  return candidate!
}

test('how much of an answer is in the context of the request is recorded for served, control and candidate', () => {
  const row = onManual('It weighs 2 kg and costs 48 €.', 'It weighs 2 kg, costs 48 € and runs for 9 hours.', null)

  deepEqual([row.scores['grounded'], row.scores['grounded_claims']], [2 / 3, 3])
  deepEqual([row.servedFound.scores['grounded'], row.servedFound.scores['grounded_claims']], [1, 2])
  equal(row.controlFound!.scores['grounded'], 1)
})

test('only requests with texts to answer from are looked at, unless the route says otherwise', () => {
  const plain = { model: 'large', messages: [{ role: 'user', content: 'How heavy is it?' }] }
  const answers = ['It weighs 2 kg.', 'It weighs 2 kg.'] as const
  equal(onManual(...answers, null, plain).scores['grounded'], undefined)
  equal(onManual(...answers, true, plain).scores['grounded'], 0)
  equal(onManual(...answers, false).scores['grounded'], undefined)
})

test('on a grounded route what is not in the context takes quality, where the served answer keeps to it', () => {
  const lengthy = (end: string) => `According to the context the L2 weighs 2 kg and costs 48 €${end}.`
  const declared = onManual(lengthy(''), lengthy(', and Brandt in Kiel repairs it'), true)

  equal(declared.decidedBy, 'grounding')
  equal(declared.found!.finding, 'harmful')
  ok(declared.found!.kinds.includes('grounding:name'))
  ok(declared.measured!.quality > 0 && declared.measured!.quality < 1)
  ok(declared.differences.some(({ message }) => message === 'name brandt is not in the context of the request'))
  const guessed = onManual(lengthy(''), lengthy(', and Brandt in Kiel repairs it'), null)
  notEqual(guessed.decidedBy, 'grounding')
  const both = onManual(lengthy(', and Meyer in Kiel repairs it'), lengthy(', and Brandt in Kiel repairs it'), true)
  ok(!both.found!.kinds.some((kind) => kind.startsWith('grounding')))
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
