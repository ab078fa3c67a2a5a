import { type Arm, armsOf, controlArm } from '../../../shared/config/arms.ts'
import { type Config } from '../../../shared/config/schema.ts'
import { scoringVersion } from '../../../shared/contracts/comparison.ts'
import { sha256Hex } from '../../../shared/ids.ts'

/**
 * Everything that is being decided, fixed before its evidence. The candidate's fingerprint covers model, prompt variant and
 * parameters. Keys in a fixed order, so that the same inputs have the same JSON.
 */
export function campaignInputs(config: Config, candidate: Pick<Arm, 'fingerprint' | 'routes'>) {
  const { alpha, minDays, maxUnits, candidatesCompete, excludeIncidents, ...margins } = config.gates
  const routes = candidate.routes?.toSorted() ?? null
  return {
    version: 1,
    candidate: candidate.fingerprint,
    control: armsOf(config).find(({ name }) => name === controlArm)?.fingerprint ?? null,
    // A route that is matched in another way is other traffic.
    routes: routes?.map((name) => config.routes.find((route) => route.name === name) ?? { name }) ?? null,
    scoring: scoringVersion,
    // Waivers are not in it: they are for the past too, and every report shows how much they cover.
    counting: countingOf(config),
    judge: config.compare.judge,
    embeddings: config.compare.embeddings,
    margins,
    alpha,
    competing: candidatesCompete ? config.candidates.length : 1,
    minDays,
    maxUnits: maxUnits ?? null,
    excludeIncidents,
    slices: { by: config.slices.by.toSorted(), find: config.slices.find },
  }
}

function countingOf({ compare, routes }: Config) {
  return {
    factVeto: compare.factVeto,
    excludeLosses: compare.excludeLosses,
    routes: routes
      .filter(({ factVeto, grounded }) => factVeto !== undefined || grounded !== undefined)
      .map(({ name, factVeto, grounded }) => ({ name, factVeto, grounded })),
    scorers: compare.scorers.map(({ name, module, as }) => ({ name, module, as })),
  }
}

export type CampaignInputs = ReturnType<typeof campaignInputs>

export function hashOfInputs(inputs: CampaignInputs): string {
  return sha256Hex(JSON.stringify(inputs)).slice(0, 16)
}
