import { pathToFileURL } from 'node:url'
import { type Config } from '../../../shared/config/schema.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { sha256Hex } from '../../../shared/ids.ts'
import { textOf } from './module-text.ts'
import { scorers as builtIn } from '../scorers/index.ts'
import { type OwnScorer, type ScorerModule } from './own-scorer.ts'

type ScorerConfig = Config['compare']['scorers'][number]

/** The modules that the config names, in its order. CONFIG_INVALID: one cannot be used, with the cure. */
export async function loadScorers(configs: readonly ScorerConfig[]): Promise<OwnScorer[]> {
  return await Promise.all(configs.map(loadScorer))
}

async function loadScorer({ name, module, timeoutMs, as }: ScorerConfig): Promise<OwnScorer> {
  const unusable = (what: string, cause?: unknown) =>
    new UnderstudyError('CONFIG_INVALID', `compare.scorers ${name}: ${what}`, { cause })
  if (builtIn.some((scorer) => scorer.name === name)) throw unusable('is the name of a built-in scorer: choose another')
  const text = await textOf(name, module)
  const loaded = await import(pathToFileURL(module).href).catch((cause: unknown) => {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message.split('\n')[0]}` : String(cause)
    throw unusable(`${module} cannot be loaded (${why}): try \`node ${module}\`; types must be erasable`, cause)
  })
  const score = scoreOf(loaded)
  if (score === null)
    throw unusable(`${module} exports no function score: export function score({ served, arm }) { … }`)
  return { name, as, timeoutMs, sha256: sha256Hex(text), score }
}

function scoreOf(loaded: unknown): ScorerModule['score'] | null {
  const { score, default: whole } = loaded as { score?: unknown; default?: { score?: unknown } }
  const found = score ?? whole?.score
  return typeof found === 'function' ? (found as ScorerModule['score']) : null
}
