import { sha256Hex } from '../ids.ts'
import { type CandidateConfig, type Config } from './schema.ts'

/** One arm of the comparison. `model` null: the model that was served (the control). */
export type Arm = {
  name: string
  fingerprint: string
  provider: string
  /** Upstream → provider, where exchanges of that upstream are asked of another provider than `provider`. */
  providerByUpstream: Record<string, string>
  model: string | null
  routes: string[] | null
  system: string | null
  parameters: CandidateConfig['parameters']
  /** Undefined: as recorded. */
  apiVersion?: string | undefined
  betas?: string[] | undefined
  promptCache: Config['replay']['promptCache']
  timeoutMs: number
  limits: CandidateConfig['limits']
  budgetUsdPerDay: number | null
}

type ArmsConfig = Pick<Config, 'control' | 'candidates' | 'providers' | 'replay'> & {
  tap: Pick<Config['tap'], 'upstreams'>
}

export const controlArm = 'control'

/**
 * The arms of a config, control first where it is on. The fingerprint covers what may change an answer, so that
 * observations of different settings are never pooled; limits and budgets are left out.
 */
export function armsOf(config: ArmsConfig): Arm[] {
  const arms: Arm[] = []
  if (config.control !== false) {
    const { provider, timeoutMs, limits, budgetUsdPerDay } = config.control
    arms.push(
      withFingerprint(config, {
        name: controlArm,
        provider,
        providerByUpstream: controlProviders(config, provider),
        model: null,
        routes: null,
        system: null,
        parameters: {},
        promptCache: config.replay.promptCache,
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
        promptCache: config.replay.promptCache,
        providerByUpstream: {},
        routes: candidate.routes ?? null,
        budgetUsdPerDay: candidate.budgetUsdPerDay ?? null,
      }),
    )
  }
  return arms
}

/** The provider that an arm asks for an exchange of this upstream. */
export function providerOf(arm: Pick<Arm, 'provider' | 'providerByUpstream'>, upstream: string): string {
  return Object.hasOwn(arm.providerByUpstream, upstream) ? arm.providerByUpstream[upstream]! : arm.provider
}

/**
 * The served model asked again must be asked where it is: an upstream of another dialect than the control's provider
 * goes to the provider of its own name, where there is one of its dialect.
 */
function controlProviders({ providers, tap }: ArmsConfig, provider: string): Record<string, string> {
  const elsewhere = Object.entries(tap.upstreams).filter(
    ([name, { dialect }]) => providers[provider]?.dialect !== dialect && providers[name]?.dialect === dialect,
  )
  return Object.fromEntries(elsewhere.map(([name]) => [name, name]))
}

function withFingerprint(config: ArmsConfig, arm: Omit<Arm, 'fingerprint'>): Arm {
  const provider = config.providers[arm.provider]
  const elsewhere = Object.entries(arm.providerByUpstream).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const identity = {
    dialect: provider?.dialect,
    baseUrl: provider?.baseUrl,
    model: arm.model,
    system: arm.system,
    parameters: Object.entries(arm.parameters).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    timeoutMs: arm.timeoutMs,
    // JSON leaves out what is undefined: where a setting is not used, the fingerprint is what it was without it.
    apiVersion: arm.apiVersion,
    betas: arm.betas,
    promptCache: arm.promptCache === 'keep' ? undefined : arm.promptCache,
    // Left out where empty, so that an added upstream changes no other arm.
    ...(elsewhere.length > 0 && {
      elsewhere: elsewhere.map(([upstream, name]) => [upstream, config.providers[name]?.baseUrl]),
    }),
  }
  return { ...arm, fingerprint: sha256Hex(JSON.stringify(identity)).slice(0, 16) }
}
