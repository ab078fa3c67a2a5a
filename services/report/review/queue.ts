import { type ReviewDisagreement, type ReviewItem, type ReviewQueue } from '../../../shared/contracts/review.ts'
import { type Store } from '../../../shared/store/store.ts'
import { placeOfServed, type Shares } from './draw.ts'
import { type OwnLabels, readLabelsOf } from './labels.ts'
import { inOrder, isDrawn, type Queued } from './queue-order.ts'
import { leastDisagreement, pairSql, paramsOf, queueSql, type QueueSubject } from './queue-sql.ts'
import { type PairTexts, readTexts } from './shown.ts'

export type QueueQuery = QueueSubject & { blind: boolean; limit: number; mayReadBodies: boolean }

export type QueuedPair = Omit<Queued, 'why'> & {
  /** '' where it is in nobody's queue, or no longer in the asker's. */
  why: Queued['why'] | ''
  comparisonId: string
  armFingerprint: string
  route: string
  task: ReviewItem['task']
  language: string | null
  outcome: 'equivalent' | 'different'
  quality: number | null
  divergence: number | null
  decidedBy: string
  between: ReviewDisagreement['between']
}

/** The first of the asker's queue, with what there is to read of them. */
export async function readQueue(store: Pick<Store, 'query'>, query: QueueQuery): Promise<ReviewQueue> {
  const params = { ...paramsOf(query), limit: query.limit }
  const rows = await store.query<QueuedPair & Queued & { ofItsKind: number }>(queueSql, params)
  const pairs = inOrder(rows).slice(0, query.limit)
  const texts = await readTexts(store, pairs, query.mayReadBodies)
  const labels = await readLabelsOf(store, query, pairs)
  const waiting = (why: Queued['why']) => rows.find((row) => row.why === why)?.ofItsKind ?? 0
  return {
    version: 1,
    candidate: query.candidate.name,
    blind: query.blind,
    items: pairs.map((pair) => itemOf(pair, query, texts.get(pair.comparisonId)!, labels.get(pair.exchangeId))),
    waiting: {
      disagreement: waiting('disagreement'),
      unsure: waiting('unsure'),
      randomFail: waiting('random_fail'),
      randomPass: waiting('random_pass'),
    },
    shares: query.shares,
  }
}

/** One pair of the candidate that people can be shown, in whatever state; null: there is none. */
export async function readPair(
  store: Pick<Store, 'query'>,
  query: QueueSubject,
  exchangeId: string,
): Promise<QueuedPair | null> {
  const [pair] = await store.query<QueuedPair>(pairSql, { ...paramsOf(query), exchangeId })
  return pair ?? null
}

/** 0 where the pair was picked. */
export function samplingProbabilityOf(pair: Pick<QueuedPair, 'fraction' | 'outcome'>, shares: Shares): number {
  const share = pair.outcome === 'equivalent' ? shares.passes : shares.failures
  return pair.fraction < share ? share : 0
}

function itemOf(
  pair: QueuedPair & Queued,
  { candidate, shares, blind }: QueueQuery,
  texts: PairTexts,
  labels: OwnLabels = { served: null, arm: null },
): ReviewItem {
  const known = <T>(value: T): T | null => (blind ? null : value)
  const first = placeOfServed(pair.exchangeId, candidate.name) === 1 ? 'served' : 'arm'
  const shown = ([first, first === 'served' ? 'arm' : 'served'] as const).map((about, index) => ({
    place: (index + 1) as 1 | 2,
    about: known(about),
    ...texts[about],
    label: labels[about],
  }))
  const { why, disagreement, between } = pair
  const disagrees = disagreement >= leastDisagreement && !isDrawn(pair)
  return {
    exchangeId: pair.exchangeId,
    arm: candidate.name,
    armFingerprint: pair.armFingerprint,
    comparisonId: pair.comparisonId,
    capturedAt: new Date(pair.capturedAtMs).toISOString(),
    route: pair.route,
    task: pair.task,
    language: pair.language,
    why: known(why),
    samplingProbability: known(samplingProbabilityOf(pair, shares)),
    disagreement: disagrees ? known({ between, size: disagreement }) : null,
    outcome: known(pair.outcome),
    quality: known(pair.quality),
    divergence: known(pair.divergence),
    decidedBy: known(pair.decidedBy),
    request: texts.request,
    answers: shown as unknown as ReviewItem['answers'],
  }
}
