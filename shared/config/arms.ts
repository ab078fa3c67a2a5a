import { sha256Hex } from '../ids.ts'
import { type CandidateConfig, type Config } from './schema.ts'

/** One arm of the comparison. `model` null: the model that was served (the control). */
export type Arm = {
  name: string
  fingerprint: string
  provider: string
  model: string | null
  routes: string[] | null
  system: string | null
  parameters: CandidateConfig['parameters']
  timeoutMs: number
  limits: CandidateConfig['limits']
  budgetUsdPerDay: number | null
}

export const controlArm = 'control'

/**
 * The arms of a config, control first where it is on. The fingerprint covers what may change an answer, so that
 * observations of different settings are never pooled; limits and budgets are left out.
 */
export function armsOf(config: Pick<Config, 'control' | 'candidates' | 'providers'>): Arm[] {
  const arms: Arm[] = []
  if (config.control !== false) {
    const { provider, timeoutMs, limits, budgetUsdPerDay } = config.control
    arms.push(
      withFingerprint(config, {
        name: controlArm,
        provider,
        model: null,
        routes: null,
        system: null,
        parameters: {},
        timeoutMs,
        limits,
        budgetUsdPerDay: budgetUsdPerDay ?? null,
      }),
    )
  }
  for (const candidate of config.candidates) {
    arms.push(
      withFingerprint(config, {
        ...candidate,
        routes: candidate.routes ?? null,
        budgetUsdPerDay: candidate.budgetUsdPerDay ?? null,
      }),
    )
  }
  return arms
}

function withFingerprint(config: Pick<Config, 'providers'>, arm: Omit<Arm, 'fingerprint'>): Arm {
  const provider = config.providers[arm.provider]
  const identity = {
    dialect: provider?.dialect,
    baseUrl: provider?.baseUrl,
    model: arm.model,
    system: arm.system,
    parameters: Object.entries(arm.parameters).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    timeoutMs: arm.timeoutMs,
  }
  return { ...arm, fingerprint: sha256Hex(JSON.stringify(identity)).slice(0, 16) }
}
