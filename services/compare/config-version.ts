import { readFile } from 'node:fs/promises'
import { UnderstudyError } from '../../shared/errors.ts'
import { sha256Hex } from '../../shared/ids.ts'
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

/** CONFIG_INVALID where it is not there. */
export async function textOf(name: string, module: string): Promise<Buffer> {
  return await readFile(module).catch((cause: Error & { code?: string }) => {
    const message = `compare.scorers ${name}: ${module} cannot be read (${cause.code}): the path starts from the folder of the config file`
    throw new UnderstudyError('CONFIG_INVALID', message, { cause })
  })
}
