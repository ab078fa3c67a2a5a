import { z } from 'zod'
import { UnderstudyError } from '../errors.ts'
import { crossCheckWaivers } from './cross-check.ts'
import { explainIssues } from './explain.ts'
import { formatMistakes } from './mistakes.ts'
import { Config } from './schema.ts'
import { type Environment, readYaml } from './yaml-source.ts'

/** Waivers from the text of such a file. `config`: whose routes and arms they may name. CONFIG_INVALID names every mistake. */
export function parseWaivers(
  text: string,
  { file, env, config }: { file: string; env: Environment; config: unknown },
): Config['waivers'] {
  const source = readYaml(text, env)
  const parsed = z.strictObject({ waivers: Config.shape.waivers }).safeParse(source.data ?? {}, { error: () => '' })
  const ofForm = parsed.success ? [] : explainIssues(parsed.error.issues, source)
  const mistakes = [...source.mistakes, ...ofForm, ...crossCheckWaivers(source, config)]
  if (mistakes.length > 0) throw new UnderstudyError('CONFIG_INVALID', formatMistakes(file, mistakes))
  return parsed.data!.waivers
}
