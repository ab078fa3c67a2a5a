import { type FastifyInstance } from 'fastify'
import { z } from 'zod'
import { controlArm } from '../../../shared/config/arms.ts'
import { type Config } from '../../../shared/config/schema.ts'
import { type ReviewAnswered, ReviewRequest, type Review } from '../../../shared/contracts/review.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type TellReading } from '../access/reading-audit.ts'
import { type Admit, type Asker } from '../admit.ts'
import { candidatesOf, periodOf } from '../load-verdicts.ts'
import { parseBody, since } from '../query.ts'
import { type ReportSource } from '../source.ts'
import { placeOfServed } from './draw.ts'
import { addLabel, type LabelStore, type NewLabel, readLabel, readLabels, undoLabel } from './labels.ts'
import { readPair, readQueue, samplingProbabilityOf } from './queue.ts'

export type ReviewContext = {
  config: Config
  source: Pick<ReportSource, 'review'>
  store: LabelStore
  admit: Admit
  exported: TellReading
}

export const QueueParameters = z.object({
  candidate: z.string(),
  blind: z.stringbool().default(false),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  since: since.optional(),
})
export const ListParameters = z.object({
  candidate: z.string().optional(),
  exchangeId: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
})
export const AgreementParameters = z.object({ candidate: z.string(), since: since.optional() })

/** What people are asked, what they say, and what that tells. */
export function registerReview(app: FastifyInstance, { config, source, store, admit, exported }: ReviewContext): void {
  const shares = config.review
  const armOf = (name: string) => {
    if (name === controlArm) throw new UnderstudyError('USAGE', 'people review candidates: name one of them')
    return candidatesOf(config, name)[0]!
  }
  const now = () => new Date()
  const upToNow = () => periodOf({ since: undefined, asOf: now() })

  app.get('/api/v1/review/queue', async (request) => {
    const { actor, mayReadBodies } = admit(request, 'viewer')
    const { candidate: name, blind, limit, since: from } = parseBody(QueueParameters, request.query)
    const candidate = armOf(name)
    const period = periodOf({ since: from, asOf: now() })
    const queue = await readQueue(store, { candidate, period, shares, blind, limit, me: actor, mayReadBodies })
    if (mayReadBodies && queue.items.length > 0) exported(request, name, { what: 'review queue' })
    return queue
  })

  app.post('/api/v1/reviews', async (request, reply) => {
    const asker = admit(request, 'reviewer')
    const wanted = parseBody(ReviewRequest, request.body)
    const candidate = armOf(wanted.arm)
    const label = await labelOf(wanted, asker, candidate)
    const review = await addLabel(store, label, now())
    asker.audit({
      action: 'reviewed',
      subject: candidate.name,
      details: { reviewId: review.reviewId, blind: review.blind },
    })
    return await reply.code(201).send(answered(review))
  })

  async function labelOf(
    { exchangeId, arm, label, place, note = '', blind }: ReviewRequest,
    { actor }: Asker,
    candidate: ReturnType<typeof armOf>,
  ): Promise<NewLabel> {
    if (blind && place === undefined) {
      throw new UnderstudyError(
        'USAGE',
        'place is missing: a blind label says which of the two answers it means, 1 or 2',
      )
    }
    const pair = await readPair(store, { candidate, period: upToNow(), shares, me: actor }, exchangeId)
    if (pair === null) {
      throw new UnderstudyError(
        'NOT_FOUND',
        `there is no comparison of ${arm} with its settings of now on exchange ${exchangeId} that can be reviewed`,
      )
    }
    const about = place === undefined || place !== placeOfServed(exchangeId, arm) ? 'arm' : 'served'
    return {
      exchangeId: pair.exchangeId,
      arm,
      armFingerprint: pair.armFingerprint,
      capturedAtMs: pair.capturedAtMs,
      about,
      label,
      note,
      blind,
      reviewer: actor,
      why: pair.why === '' ? null : pair.why,
      samplingProbability: samplingProbabilityOf(pair, shares),
    }
  }

  app.delete<{ Params: { id: string } }>('/api/v1/reviews/:id', async (request) => {
    const asker = admit(request, 'reviewer')
    const { id } = request.params
    const review = z.uuid().safeParse(id).success ? await readLabel(store, id) : null
    if (review === null) throw new UnderstudyError('NOT_FOUND', `there is no label ${id}`)
    // Who else's label it is may be undone by whoever answers for the store.
    if (review.reviewer !== asker.actor) admit(request, 'admin')
    const undone = await undoLabel(store, review, now())
    asker.audit({ action: 'reviewed', subject: review.arm, details: { reviewId: id, undone: true } })
    return answered(undone)
  })

  app.get('/api/v1/reviews', async (request) => {
    const { mayReadBodies } = admit(request, 'viewer')
    const { candidate, exchangeId, limit } = parseBody(ListParameters, request.query)
    const arm = candidate === undefined ? undefined : armOf(candidate).name
    return { version: 1, reviews: await readLabels(store, { arm, exchangeId, limit, mayRead: mayReadBodies }) }
  })

  app.get('/api/v1/reviews/agreement', async (request) => {
    admit(request, 'viewer')
    const { candidate: name, since: from } = parseBody(AgreementParameters, request.query)
    const { name: candidate, fingerprint } = armOf(name)
    const { alpha } = config.gates
    const review = await source.review(candidate, fingerprint, periodOf({ since: from, asOf: now() }), {
      shares,
      alpha,
    })
    return { version: 1, candidate, alpha, review }
  })
}

function answered(review: Review): ReviewAnswered {
  const hiding = review.blind ? { about: null, why: null, samplingProbability: null } : {}
  return { version: 1, review: { ...review, ...hiding } }
}
