import { sha256Hex } from '../../shared/ids.ts'
import { textOf } from './own-scorers/module-text.ts'
import { scorerVersionOf, settingsKeyOf, type TermsConfig } from './terms.ts'
import { readyWaivers } from './waivers/covering.ts'

/** The version by which a config makes comparisons, told without loading its scorers. */
export async function versionOfConfig(config: TermsConfig): Promise<(at: Date) => string> {
  const { waivers, compare } = config
  const scorers = await Promise.all(
    compare.scorers.map(async ({ name, as, module }) => ({ name, as, sha256: sha256Hex(await textOf(name, module)) })),
  )
  const terms = { waivers: readyWaivers(waivers), scorers, settingsKey: settingsKeyOf(config) }
  return (at) => scorerVersionOf(terms, at)
}
