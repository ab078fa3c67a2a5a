import { type FastifyInstance } from 'fastify'
import { armsOf, controlArm } from '../../../shared/config/arms.ts'
import { type Config } from '../../../shared/config/schema.ts'
import { WaiverPreviewRequest, WaiverRequest } from '../../../shared/contracts/waiver-preview.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type Store } from '../../../shared/store/store.ts'
import { type Admit } from '../admit.ts'
import { candidatesOf } from '../load-verdicts.ts'
import { parseBody, sinceOf } from '../query.ts'
import { keepWaiver } from './keep.ts'
import { previewWaiver } from './preview.ts'

export type WaiversContext = { config: Config; store: Pick<Store, 'query'>; admit: Admit }

/** A waiver made from a pair: first what it would waive, then where it is kept. */
export function registerWaivers(app: FastifyInstance, { config, store, admit }: WaiversContext): void {
  app.post('/api/v1/waivers/preview', async (request) => {
    const { mayReadBodies } = admit(request, 'reviewer')
    const { candidate: name, rule, since } = parseBody(WaiverPreviewRequest, request.body)
    const candidate = candidatesOf(config, name)[0]!
    refuseEverything(rule)
    return await previewWaiver(store, {
      candidate,
      controlFingerprint: armsOf(config).find((arm) => arm.name === controlArm)?.fingerprint ?? null,
      rule,
      sinceMs: since === undefined ? 0 : sinceOf(since).getTime(),
      untilMs: Date.now(),
      mayReadBodies,
    })
  })

  app.post('/api/v1/waivers', async (request, reply) => {
    const { actor, audit } = admit(request, 'admin')
    const { rule, reason, author = actor, expires } = parseBody(WaiverRequest, request.body)
    const kept = keepWaiver({ ...rule, reason, author, expires }, config, new Date())
    audit({
      action: 'waived',
      subject: kept.covers,
      details: { waiverId: kept.waiverId, keptIn: kept.keptIn, expires },
    })
    return await reply.code(kept.keptIn === null ? 200 : 201).send(kept)
  })
}

function refuseEverything({ rung, path, pattern }: WaiverPreviewRequest['rule']): void {
  if (rung === undefined && path === undefined && pattern === undefined) {
    throw new UnderstudyError('USAGE', 'rule would waive every difference: say which with rung, path or pattern')
  }
  if (pattern === undefined) return
  try {
    RegExp(pattern)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UnderstudyError('USAGE', `rule.pattern is no regular expression (${why})`, { cause })
  }
}
