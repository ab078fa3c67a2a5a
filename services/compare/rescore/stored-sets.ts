import { controlArm } from '../../../shared/config/arms.ts'
import { type Answer } from '../../../shared/contracts/answer.ts'
import { type Exchange } from '../../../shared/contracts/exchange.ts'
import { type Observation, type ObservationSet } from '../../../shared/contracts/observation.ts'
import { isWithheld } from '../../../shared/encryption/sealed-store.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type Store } from '../../../shared/store/store.ts'
import { exchangeOf, type StoredHead } from '../../../shared/store/stored-exchange.ts'
import * as sql from './stored-sets.sql.ts'

/** A comparison as it is in force now. */
export type StoredComparison = {
  comparisonId: string
  exchangeId: string
  arm: string
  controlFingerprint: string
  outcome: string
  quality: number | null
  decidedBy: string
  scorerVersion: string
  servedCostUsd: number | null
}

/** One exchange that was compared. `sets` is null where what was said is no longer stored, of one arm or of all. */
export type StoredExchange = { comparisons: StoredComparison[]; sets: ObservationSet[] | null }

export type Span = { since: Date; until: Date }

/** Exchanges whose texts are held at once. */
const exchangesAtOnce = 32

/** Every exchange captured in the span that has comparisons, in the order of capture, a few at a time. */
export async function* storedExchanges(store: Pick<Store, 'query'>, span: Span): AsyncGenerator<StoredExchange[]> {
  const bounds = { sinceMs: span.since.getTime(), untilMs: span.until.getTime() }
  const days = await store.query<{ day: string }>(sql.days, bounds)
  for (const { day } of days) {
    const keys = await store.query<Key>(sql.keysOfDay, { ...bounds, day })
    for (let at = 0; at < keys.length; at += exchangesAtOnce) {
      yield await exchangesOf(store, keys.slice(at, at + exchangesAtOnce))
    }
  }
}

type Key = { exchangeId: string; capturedAtMs: number }
type ExchangeBodyRow = {
  exchangeId: string
  requestBody: string | null
  requestEncoding: 'utf8' | 'base64'
  requestTruncated: boolean
  answer: string
}
type ObservationRow = { exchangeId: string; askedAtMs: number; reason: string } & Omit<
  Observation,
  'version' | 'askedAt' | 'notAskedReason' | 'failureKind' | 'answer' | 'chunks' | 'losses'
>
type ObservationBodyRow = { observationId: string; answer: string; losses: string }

async function exchangesOf(store: Pick<Store, 'query'>, keys: readonly Key[]): Promise<StoredExchange[]> {
  const params = {
    ids: keys.map(({ exchangeId }) => exchangeId),
    fromMs: keys[0]!.capturedAtMs,
    toMs: keys.at(-1)!.capturedAtMs,
  }
  const ask = <Row>(query: string) => store.query<Row>(query, params)
  const [comparisons, exchanges, exchangeBodies, observations, observationBodies] = await Promise.all([
    ask<StoredComparison>(sql.comparisons),
    ask<StoredHead>(sql.exchanges),
    ask<ExchangeBodyRow>(sql.exchangeBodies),
    ask<ObservationRow>(sql.observations),
    ask<ObservationBodyRow>(sql.observationBodies),
  ])
  for (const { requestBody, answer } of exchangeBodies) refuseWithheld(requestBody, answer)
  for (const { answer, losses } of observationBodies) refuseWithheld(answer, losses)
  const by = <Row>(rows: readonly Row[], id: (row: Row) => string) => new Map(rows.map((row) => [id(row), row]))
  const exchangeById = by(exchanges, ({ exchangeId }) => exchangeId)
  const bodyById = by(exchangeBodies, ({ exchangeId }) => exchangeId)
  const observationById = by(observations, ({ observationId }) => observationId)
  const answerById = by(observationBodies, ({ observationId }) => observationId)
  return keys.map(({ exchangeId }) => {
    const ofExchange = comparisons.filter((comparison) => comparison.exchangeId === exchangeId)
    const [row, body] = [exchangeById.get(exchangeId), bodyById.get(exchangeId)]
    const observed = ofExchange.map(({ comparisonId }) => {
      const [observation, answer] = [observationById.get(comparisonId), answerById.get(comparisonId)]
      return observation && answer ? observationOf(observation, answer) : null
    })
    if (!row || !body || observed.includes(null)) return { comparisons: ofExchange, sets: null }
    return {
      comparisons: ofExchange,
      sets: setsOf(exchangeOf(row, { ...body, answer: answerIn(body.answer) }), observed as Observation[], ofExchange),
    }
  })
}

/** ENCRYPTION_KEY_MISSING: nothing can be compared with what cannot be read, and to leave it out would be to choose. */
function refuseWithheld(...texts: (string | null)[]): void {
  const why = texts.find(isWithheld)
  if (typeof why === 'string') throw new UnderstudyError('ENCRYPTION_KEY_MISSING', why)
}

/**
 * What was asked together: all of it, as long as the control was asked once. Where it was asked again, with other settings,
 * each answer stays with the control that it was compared beside.
 */
function setsOf(
  exchange: Exchange,
  observations: Observation[],
  comparisons: readonly StoredComparison[],
): ObservationSet[] {
  const servedCostUsd = comparisons[0]?.servedCostUsd ?? null
  const setOf = (together: Observation[]): ObservationSet => ({
    version: 1,
    exchange,
    servedCostUsd,
    observations: together,
  })
  const controls = observations.filter(({ arm }) => arm === controlArm)
  if (controls.length < 2) return [setOf(observations)]
  const besideOf = new Map(
    comparisons.map(({ comparisonId, controlFingerprint }) => [comparisonId, controlFingerprint]),
  )
  const groups = Object.groupBy(observations, (observation) =>
    observation.arm === controlArm ? observation.armFingerprint : besideOf.get(observation.observationId)!,
  )
  return Object.values(groups).map((together) => setOf(together!))
}

function observationOf({ askedAtMs, reason, ...row }: ObservationRow, body: ObservationBodyRow): Observation {
  return {
    ...row,
    version: 1,
    askedAt: new Date(askedAtMs).toISOString(),
    notAskedReason: row.outcome === 'not_asked' ? ((reason || null) as Observation['notAskedReason']) : null,
    failureKind: row.outcome === 'failed' ? ((reason || null) as Observation['failureKind']) : null,
    answer: answerIn(body.answer),
    chunks: [],
    losses: JSON.parse(body.losses) as Observation['losses'],
  }
}

/** Checked with the set that it goes into, by the thread that compares it. */
function answerIn(text: string): Answer | null {
  return text === '' ? null : (JSON.parse(text) as Answer)
}
