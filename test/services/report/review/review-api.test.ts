import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as fc from 'fast-check'
import { startReport } from '../../../../services/report/main.ts'
import { fractionOf, placeOfServed } from '../../../../services/report/review/draw.ts'
import { exchangeBodyRow, exchangeRow, observationBodyRow } from '../../../../services/record/rows.ts'
import { armsOf } from '../../../../shared/config/arms.ts'
import { Config } from '../../../../shared/config/schema.ts'
import { type Act } from '../../../../shared/contracts/audit-entry.ts'
import {
  Review,
  ReviewAgreement,
  ReviewAnswered,
  type ReviewLabel,
  ReviewQueue,
  Reviews,
} from '../../../../shared/contracts/review.ts'
import { Verdict } from '../../../../shared/contracts/verdict.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'
import { comparisonRow } from '../../../support/comparison-rows.ts'
import { migratedStore } from '../../../support/migrated-store.ts'
import { aPairRow } from '../../../support/pair-rows.ts'
import { anAnswer, anExchange, anObservation } from '../../record/samples.ts'

const people = [
  ['ana', 'reviewer'],
  ['ben', 'reviewer'],
  ['cleo', 'reviewer'],
  ['vic', 'viewer'],
  ['root', 'admin'],
] as const
const envOf = (name: string) => `TEST_TOKEN_OF_${name.toUpperCase()}`
for (const [name] of people) process.env[envOf(name)] = name.padEnd(24, '-')
const config = Config.parse({
  tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
  providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
  control: { provider: 'openai' },
  candidates: [
    { name: 'subtle', provider: 'openai', model: 'small-1' },
    { name: 'other', provider: 'openai', model: 'small-2' },
  ],
  review: { passes: 0.2, failures: 0.5 },
  report: {
    listen: '127.0.0.1:0',
    access: { tokens: people.map(([name, role]) => ({ name, role, fromEnv: envOf(name) })) },
  },
})
const subtle = armsOf(config).find(({ name }) => name === 'subtle')!
const none = () => Promise.reject(new Error('nobody asks for it here'))
const store = await migratedStore()
const acts: { act: Act; actor: string }[] = []
let report: Awaited<ReturnType<typeof startReport>>

/** 0: passes like their control. 1: fails where the control passes. 2: nothing could decide it. 3: failed. */
const kinds = 4
const rows = Array.from({ length: 400 }, (_, number) => {
  const row = aPairRow(number, { armFingerprint: subtle.fingerprint })
  if (number % kinds === 0) return { ...row, divergence: 0 }
  if (number % kinds === 1) return { ...row, outcome: 'different' as const, quality: 0.2, divergence: 0.5 }
  if (number % kinds === 2)
    return {
      ...row,
      outcome: 'different' as const,
      quality: 0.9,
      controlQuality: 0.9,
      divergence: 0.2,
      judgeState: 'inconsistent' as const,
    }
  return { ...row, outcome: 'failed' as const, quality: 0, error: true }
})

before(async () => {
  await store.insert(
    'comparisons',
    rows.map((row) => comparisonRow(row, 'subtle')),
  )
  report = await startReport({
    config,
    store,
    logger,
    intake: { take: none },
    arms: { list: none, setPaused: none },
    audit: (act, actor) => acts.push({ act, actor }),
  })
})
after(() => report.stop())

async function ask(person: string, path: string, body?: object, method = body === undefined ? 'GET' : 'POST') {
  const response = await fetch(`${report.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${person.padEnd(24, '-')}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, never> }
}
const queueOf = async (person: string, query = '') =>
  ReviewQueue.parse((await ask(person, `/api/v1/review/queue?candidate=subtle&limit=100${query}`)).body)
const label = async (person: string, exchangeId: string, said: ReviewLabel, more: object = {}) => {
  const { status, body } = await ask(person, '/api/v1/reviews', {
    exchangeId,
    arm: 'subtle',
    label: said,
    blind: false,
    ...more,
  })
  equal(status, 201, JSON.stringify(body))
  return ReviewAnswered.parse(body).review
}
const labelsOn = async (exchangeId: string) =>
  Reviews.parse((await ask('ana', `/api/v1/reviews?exchangeId=${exchangeId}`)).body).reviews
const clear = () => store.command('TRUNCATE TABLE labels')

const isDrawn = (exchangeId: string, outcome: string) => fractionOf(exchangeId) < (outcome === 'equivalent' ? 0.2 : 0.5)

test('the queue has every disagreement, what is unsure and the drawn share, each with why and its probability', async () => {
  await clear()
  const queue = await queueOf('ana')
  const readable = rows.filter(({ outcome }) => outcome !== 'failed')
  const drawn = readable.filter(({ exchangeId, outcome }) => isDrawn(exchangeId, outcome))
  const picked = readable.filter((row) => !drawn.includes(row))

  deepEqual(queue.waiting, {
    disagreement: picked.filter(({ quality }) => quality === 0.2).length,
    unsure: picked.filter(({ quality }) => quality === 0.9).length,
    randomFail: drawn.filter(({ outcome }) => outcome === 'different').length,
    randomPass: drawn.filter(({ outcome }) => outcome === 'equivalent').length,
  })
  deepEqual(queue.shares, { passes: 0.2, failures: 0.5 })
  for (const item of queue.items) {
    const row = rows.find(({ exchangeId }) => exchangeId === item.exchangeId)!
    const share = item.outcome === 'equivalent' ? 0.2 : 0.5
    equal(item.samplingProbability, isDrawn(row.exchangeId, row.outcome) ? share : 0)
    equal(item.why!.startsWith('random'), (item.samplingProbability ?? 0) > 0)
    if (item.why === 'disagreement') deepEqual(item.disagreement, { between: 'candidate_and_control', size: 0.8 })
  }
  deepEqual(
    queue.items.slice(0, 5).map(({ why }) => (why!.startsWith('random') ? 'drawn' : why)),
    ['disagreement', 'disagreement', 'disagreement', 'drawn', 'disagreement'],
  )
  deepEqual((await queueOf('ana')).items, queue.items)
})

test('whoever asks blind is told nothing that would give an arm or a score away', async () => {
  await clear()
  const { items } = await queueOf('ana', '&blind=true')
  const open = await queueOf('ana')
  for (const [index, item] of items.entries()) {
    const { why, samplingProbability, disagreement, outcome, quality, divergence, decidedBy } = item
    deepEqual(
      [why, samplingProbability, disagreement, outcome, quality, divergence, decidedBy],
      Array<null>(7).fill(null),
    )
    deepEqual(
      item.answers.map(({ about }) => about),
      [null, null],
    )
    const served = placeOfServed(item.exchangeId, 'subtle')
    equal(item.answers[served - 1]!.text!.text, `served ${item.exchangeId}`)
    equal(open.items[index]!.answers[served - 1]!.about, 'served')
  }
  notEqual(new Set(items.map(({ exchangeId }) => placeOfServed(exchangeId, 'subtle'))).size, 1)
})

test('a picked pair leaves every queue with its first label, a drawn one only that of who labelled it', async () => {
  await clear()
  const { items } = await queueOf('ana')
  const picked = items.find(({ why }) => why === 'disagreement')!.exchangeId
  const drawn = items.find(({ why }) => why!.startsWith('random'))!.exchangeId
  for (const exchangeId of [picked, drawn]) await label('ana', exchangeId, 'fine')

  const has = async (person: string) => {
    const ids = (await queueOf(person)).items.map(({ exchangeId }) => exchangeId)
    return [ids.includes(picked), ids.includes(drawn)]
  }
  deepEqual(await has('ana'), [false, false])
  deepEqual(await has('ben'), [false, true])
})

test('where people disagree, a third is asked', async () => {
  await clear()
  const { items } = await queueOf('ana')
  const unsure = items.find(({ why }) => why === 'unsure')!.exchangeId
  await label('ana', unsure, 'fine')
  await label('ben', unsure, 'not_fine')

  const item = (await queueOf('cleo')).items.find(({ exchangeId }) => exchangeId === unsure)!
  equal(item.why, 'disagreement')
  deepEqual(item.disagreement, { between: 'reviewers', size: 1 })
  equal(
    (await queueOf('ana')).items.some(({ exchangeId }) => exchangeId === unsure),
    false,
  )
})

test('a blind label means the answer in its place, and says nothing back', async () => {
  await clear()
  const [item] = (await queueOf('ana', '&blind=true')).items
  const { exchangeId } = item!
  const served = placeOfServed(exchangeId, 'subtle')
  const answered = await label('ana', exchangeId, 'fine', { blind: true, place: served, note: 'as good as it gets' })
  deepEqual([answered.about, answered.why, answered.samplingProbability], [null, null, null])
  await label('ana', exchangeId, 'not_fine', { blind: true, place: 3 - served })

  const labels = await labelsOn(exchangeId)
  deepEqual(
    labels
      .map(({ about, label: said, note, blind, reviewer }) => ({ about, said, note, blind, reviewer }))
      .toSorted((a, b) => (a.about < b.about ? -1 : 1)),
    [
      { about: 'arm', said: 'not_fine', note: null, blind: true, reviewer: 'token:ana' },
      { about: 'served', said: 'fine', note: 'as good as it gets', blind: true, reviewer: 'token:ana' },
    ],
  )
})

test('undoing restores what was said before, whatever was said', async () => {
  const exchangeId = rows[0]!.exchangeId
  const said = fc.constantFrom<ReviewLabel>('fine', 'not_fine', 'unsure')
  const inForce = async () =>
    (await labelsOn(exchangeId)).filter((each) => each.inForce && each.reviewer === 'token:ana')
  await fc.assert(
    fc.asyncProperty(fc.array(said, { maxLength: 3 }), said, async (earlier, last) => {
      await clear()
      for (const each of earlier) await label('ana', exchangeId, each)
      await label('ben', exchangeId, 'fine')
      const before = await inForce()
      const { reviewId } = await label('ana', exchangeId, last)
      equal((await inForce())[0]!.label, last)

      const undone = await ask('ana', `/api/v1/reviews/${reviewId}`, undefined, 'DELETE')

      equal(undone.status, 200)
      notEqual(ReviewAnswered.parse(undone.body).review.undoneAt, null)
      deepEqual(await inForce(), before)
      deepEqual(
        before.map(({ label: held }) => held),
        earlier.slice(-1),
      )
    }),
    { numRuns: 15 },
  )
})

test('who did what is in the audit log, without a word of what was said', async () => {
  await clear()
  acts.length = 0
  const { reviewId } = await label('ana', rows[0]!.exchangeId, 'fine', { note: 'secret words' })
  await ask('ana', `/api/v1/reviews/${reviewId}`, undefined, 'DELETE')

  deepEqual(acts, [
    { act: { action: 'reviewed', subject: 'subtle', details: { reviewId, blind: false } }, actor: 'token:ana' },
    { act: { action: 'reviewed', subject: 'subtle', details: { reviewId, undone: true } }, actor: 'token:ana' },
  ])
})

test('whoever is given a queue with its texts is in the audit log, and who may not read them is not', async () => {
  acts.length = 0
  await queueOf('ana')
  await queueOf('vic')
  deepEqual(acts, [
    { act: { action: 'exported', subject: 'subtle', details: { what: 'review queue' } }, actor: 'token:ana' },
  ])
})

test('the texts of both answers and of the request are shown while they are stored', async () => {
  const exchange = anExchange('texts')
  exchange.capturedAt = new Date(aPairRow(1).capturedAtMs).toISOString()
  exchange.request.body.data = JSON.stringify({
    model: 'gpt-4o',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'What does it cost?' },
    ],
  })
  const observation = anObservation('texts', 'other', {
    exchangeId: exchange.exchangeId,
    answer: anAnswer({ text: 'About 5 €', toolCalls: [{ id: 'a', name: 'price', argumentsText: '{"of":"it"}' }] }),
  })
  const other = armsOf(config).find(({ name }) => name === 'other')!
  const row = aPairRow(1, {
    exchangeId: exchange.exchangeId,
    armFingerprint: other.fingerprint,
    outcome: 'different',
    quality: 0.1,
  })
  await store.insert('exchanges', [exchangeRow(exchange)])
  await store.insert('exchange_bodies', [exchangeBodyRow(exchange)])
  await store.insert('observation_bodies', [observationBodyRow(observation, exchange)])
  await store.insert('comparisons', [{ ...comparisonRow(row, 'other'), comparison_id: observation.observationId }])

  const { items } = ReviewQueue.parse((await ask('ana', '/api/v1/review/queue?candidate=other')).body)
  equal(items.length, 1)
  const [{ request, answers }] = items as [ReviewQueue['items'][number]]
  deepEqual(request, {
    state: 'stored',
    system: { text: 'Be brief.', chars: 9, cut: false },
    turns: [{ text: 'user: What does it cost?', chars: 24, cut: false }],
    turnsLeftOut: 0,
  })
  const of = (about: string) => answers.find((answer) => answer.about === about)!
  equal(of('served').text!.text, 'Es kostet 5 €')
  equal(of('arm').text!.text, 'About 5 €')
  deepEqual(of('arm').toolCalls, [{ name: 'price', argumentsText: { text: '{"of":"it"}', chars: 11, cut: false } }])
})

test('labels tell in the report how far people and quality agree, and an undone one does not', async () => {
  await clear()
  const drawn = rows.filter(({ exchangeId, outcome }) => outcome !== 'failed' && isDrawn(exchangeId, outcome))
  for (const { exchangeId, outcome } of drawn)
    await label('ana', exchangeId, outcome === 'equivalent' ? 'fine' : 'not_fine')
  const agreement = async () =>
    ReviewAgreement.parse((await ask('ana', '/api/v1/reviews/agreement?candidate=subtle')).body).review!

  const review = await agreement()
  const quality = review.againstMeasures.find(({ measure }) => measure === 'quality')!
  ok(Math.abs(quality.kappa! - 1) < 1e-9)
  // A third of the readable passed and was found fine; a quarter failed.
  ok(Math.abs(review.fine!.estimate - 0.25) < 1e-9, `${review.fine!.estimate}`)
  ok(review.fine!.lower <= 0.25 && 0.25 <= review.fine!.upper && review.fine!.lower > 0.1)
  deepEqual(
    review.coverage.map(({ drawn: of, labelled }) => of - labelled),
    [0, 0],
  )
  const verdict = Verdict.parse((await ask('ana', '/api/v1/candidates/subtle/verdict?since=2026-11-01')).body)
  equal(verdict.review!.labels, drawn.length)

  const [one] = await labelsOn(drawn[0]!.exchangeId)
  await ask('ana', `/api/v1/reviews/${Review.parse(one).reviewId}`, undefined, 'DELETE')
  equal((await agreement()).labels, drawn.length - 1)
})

test('what cannot be taken is told with its cure', async () => {
  const send = (body: object) => ask('ana', '/api/v1/reviews', body)
  const whole = { exchangeId: rows[0]!.exchangeId, arm: 'subtle', label: 'fine', blind: false }
  for (const [body, status, told] of [
    [{ ...whole, label: 'good' }, 400, /label: .*"fine"\|"not_fine"\|"unsure"/],
    [{ ...whole, blind: true }, 400, /place is missing: a blind label says which/],
    [{ ...whole, arm: 'nobody' }, 404, /choose from subtle, other/],
    [{ ...whole, arm: 'control' }, 400, /people review candidates/],
    [{ ...whole, exchangeId: '00000000-0000-7000-8000-999999999999' }, 404, /no comparison of subtle/],
    // It failed: there is nothing to read.
    [{ ...whole, exchangeId: rows[3]!.exchangeId }, 404, /no comparison of subtle/],
  ] as const) {
    const answer = await send(body)
    equal(answer.status, status)
    match((answer.body as unknown as { error: { message: string } }).error.message, told)
  }
  equal((await ask('ana', '/api/v1/reviews/nothing', undefined, 'DELETE')).status, 404)
})

test('who only looks says nothing, reads no text, and another’s label is undone by an admin alone', async () => {
  await clear()
  const exchangeId = rows[0]!.exchangeId
  equal((await ask('vic', '/api/v1/reviews', { exchangeId, arm: 'subtle', label: 'fine', blind: false })).status, 403)
  for (const { request, answers } of (await queueOf('vic')).items) {
    deepEqual(
      [request.state, ...answers.map(({ state, text }) => [state, text])],
      ['hidden', ['hidden', null], ['hidden', null]],
    )
  }
  const { reviewId } = await label('ana', exchangeId, 'fine', { note: 'for reviewers' })
  const [seen] = Reviews.parse((await ask('vic', `/api/v1/reviews?exchangeId=${exchangeId}`)).body).reviews
  equal(seen!.note, null)

  equal((await ask('ben', `/api/v1/reviews/${reviewId}`, undefined, 'DELETE')).status, 403)
  equal((await ask('root', `/api/v1/reviews/${reviewId}`, undefined, 'DELETE')).status, 200)
})
