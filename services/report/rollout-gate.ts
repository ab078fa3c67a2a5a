import { type FastifyInstance } from 'fastify'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { GateParameters, parseQuery } from './query.ts'
import { unkept } from './slices/kept.ts'

/** What a controller does that looks at nothing but the status: 2xx goes on, everything else waits or counts as a failure. */
const refusals: Record<Verdict['verdict'], number> = {
  go: 409,
  no_go: 409,
  // Too Early: the same request may succeed later.
  inconclusive: 425,
}

/**
 * `POST /api/v1/candidates/:name/gate`: 200 where the verdict is the expected one (`?expect=no_go` for a rollback hook, else
 * `go`), 409 where it is the other, 425 where it is open. A GO that leaves kinds of traffic out is 409 too, unless `?keep=route=invoice`
 * says of each that it stays with the served model. What is posted says nothing that the verdict rests on.
 */
export function registerRolloutGate(app: FastifyInstance, current: (candidate: string) => Promise<Verdict[]>): void {
  app.post<{ Params: { name: string } }>('/api/v1/candidates/:name/gate', async (request, reply) => {
    const { expect, keep } = parseQuery(GateParameters, request.query)
    const [found] = await current(request.params.name)
    const { candidate, verdict, reason, sentence, except } = found!
    const isWhole = verdict !== 'go' || unkept(found!, keep).length === 0
    const status = verdict === expect && isWhole ? 200 : refusals[verdict]
    return reply.code(status).send({ version: 1, candidate, verdict, reason, except, sentence })
  })
}
