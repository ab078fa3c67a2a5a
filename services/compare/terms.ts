import { type Config } from '../../shared/config/schema.ts'
import { isInForce } from '../../shared/config/waivers.ts'
import { type Loss } from '../../shared/contracts/observation.ts'
import { sha256Hex } from '../../shared/ids.ts'
import { defaultSettings, routeSettings, type SettingsOf } from './route-settings.ts'
import { type ReadyWaiver, readyWaivers } from './waivers/covering.ts'

/** What answers are compared by, beside the ladder: the config's part of it. */
export type Terms = {
  waivers: readonly ReadyWaiver[]
  settingsOf: SettingsOf
  /** Losses of this severity or a graver one keep a pair out of the gates. */
  excludeLosses: Loss['severity']
  /** Of the settings; empty where they are the default ones. */
  settingsKey: string
}

export type TermsConfig = Pick<Config, 'waivers' | 'routes'> & {
  compare: Pick<Config['compare'], 'factVeto' | 'excludeLosses'>
}

export const ladderAlone: Terms = {
  waivers: [],
  settingsOf: () => defaultSettings,
  excludeLosses: 'material',
  settingsKey: '',
}

export function termsOf({ waivers, routes, compare }: TermsConfig): Terms {
  const declared = routes
    .filter(({ factVeto, grounded }) => factVeto !== undefined || grounded !== undefined)
    .map(({ name, factVeto, grounded }) => [name, factVeto ?? null, grounded ?? null])
  const { factVeto, excludeLosses } = compare
  const isDefault =
    factVeto === defaultSettings.factVeto && excludeLosses === ladderAlone.excludeLosses && declared.length === 0
  return {
    waivers: readyWaivers(waivers),
    settingsOf: routeSettings({ routes, compare }),
    excludeLosses,
    settingsKey: isDefault ? '' : JSON.stringify([factVeto, excludeLosses, declared]),
  }
}

/** Raised by whoever changes rungs or built-in scorers so that a pair may come to something else. */
const ladderVersion = 1

/** Two comparisons of one pair by one version come to the same. `1`, or `1+3f2a91bc` where the config has its part in it. */
export function scorerVersionOf({ waivers, settingsKey }: Terms, at: Date): string {
  const inForce = waivers.filter((waiver) => isInForce(waiver, at)).map(({ id }) => id)
  if (inForce.length === 0 && settingsKey === '') return String(ladderVersion)
  return `${ladderVersion}+${sha256Hex(JSON.stringify([inForce.toSorted(), settingsKey])).slice(0, 8)}`
}
