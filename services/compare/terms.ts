import { type Config } from '../../shared/config/schema.ts'
import { isInForce } from '../../shared/config/waivers.ts'
import { scoringVersion } from '../../shared/contracts/comparison.ts'
import { type Loss } from '../../shared/contracts/observation.ts'
import { sha256Hex } from '../../shared/ids.ts'
import { loadScorers } from './own-scorers/load.ts'
import { type OwnScorer } from './own-scorers/own-scorer.ts'
import { defaultSettings, routeSettings, type SettingsOf } from './route-settings.ts'
import { type ReadyWaiver, readyWaivers } from './waivers/covering.ts'

/** What answers are compared by, beside the ladder: the config's part of it. */
export type Terms = {
  waivers: readonly ReadyWaiver[]
  scorers: readonly OwnScorer[]
  settingsOf: SettingsOf
  /** Losses of this severity or a graver one keep a pair out of the gates. */
  excludeLosses: Loss['severity']
  /** Of the settings; empty where they are the default ones. */
  settingsKey: string
}

export type TermsConfig = Pick<Config, 'waivers' | 'routes'> & {
  compare: Pick<Config['compare'], 'factVeto' | 'excludeLosses' | 'scorers'>
}

export const ladderAlone: Terms = {
  waivers: [],
  scorers: [],
  settingsOf: () => defaultSettings,
  excludeLosses: 'material',
  settingsKey: '',
}

/** Loads the scorers' modules. CONFIG_INVALID where one cannot be. */
export async function termsOf(config: TermsConfig): Promise<Terms> {
  const { waivers, routes, compare } = config
  return {
    waivers: readyWaivers(waivers),
    scorers: await loadScorers(compare.scorers),
    settingsOf: routeSettings({ routes, compare }),
    excludeLosses: compare.excludeLosses,
    settingsKey: settingsKeyOf(config),
  }
}

export function settingsKeyOf({ routes, compare: { factVeto, excludeLosses } }: TermsConfig): string {
  const declared = routes
    .filter((route) => route.factVeto !== undefined || route.grounded !== undefined)
    .map((route) => [route.name, route.factVeto ?? null, route.grounded ?? null])
  const isDefault =
    factVeto === defaultSettings.factVeto && excludeLosses === ladderAlone.excludeLosses && declared.length === 0
  return isDefault ? '' : JSON.stringify([factVeto, excludeLosses, declared])
}

type Identities = Pick<Terms, 'waivers' | 'settingsKey'> & {
  scorers: readonly Pick<OwnScorer, 'name' | 'as' | 'sha256'>[]
}

/** Two comparisons of one pair by one version come to the same. `1`, or `1+3f2a91bc` where the config has its part in it. */
export function scorerVersionOf({ waivers, scorers, settingsKey }: Identities, at: Date): string {
  const inForce = waivers.filter((waiver) => isInForce(waiver, at)).map(({ id }) => id)
  if (inForce.length + scorers.length === 0 && settingsKey === '') return String(scoringVersion)
  const own = scorers.map(({ name, as, sha256 }) => [name, as, sha256].join(' '))
  return `${scoringVersion}+${sha256Hex(JSON.stringify([inForce.toSorted(), own.toSorted(), settingsKey])).slice(0, 8)}`
}
