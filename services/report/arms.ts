import { type FastifyInstance } from 'fastify'
import { type CandidateConfig } from '../../shared/config/schema.ts'
import { requireRole } from './access/principal.ts'

export type ArmStatus = {
  arm: string
  provider: string
  /** Null: the model that was served. */
  model: string | null
  /** `asked`: nothing keeps it from being asked. `breaker_open`: its provider fails, and is left alone. */
  state: 'asked' | 'paused' | 'breaker_open' | 'budget_reached'
  /** Since when it is paused or left alone. */
  since: string | null
  /** Of the UTC day, calls in flight included. Null: it has no budget, so nothing is counted. */
  spentUsd: number | null
  budgetUsdPerDay: number | null
  limits: CandidateConfig['limits']
}

/** What replay knows of its arms, and the switch it has for each. */
export type Arms = {
  list(): Promise<ArmStatus[]>
  /** CANDIDATE_UNKNOWN names the arms there are. */
  setPaused(arm: string, isPaused: boolean, actor: string): Promise<void>
}

/** `GET /api/v1/arms`, and `POST /api/v1/arms/:arm/pause` and `/resume`. */
export function registerArms(app: FastifyInstance, arms: Arms): void {
  app.get('/api/v1/arms', async () => ({ version: 1, arms: await arms.list() }))
  for (const verb of ['pause', 'resume'] as const) {
    app.post<{ Params: { arm: string } }>(`/api/v1/arms/:arm/${verb}`, async (request) => {
      const { actor } = requireRole(request, 'admin')
      const { arm } = request.params
      const isPaused = verb === 'pause'
      await arms.setPaused(arm, isPaused, actor)
      return { version: 1, arm, paused: isPaused }
    })
  }
}
