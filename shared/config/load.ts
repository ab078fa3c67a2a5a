import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { UnderstudyError } from '../errors.ts'
import { crossCheck } from './cross-check.ts'
import { explainIssues } from './explain.ts'
import { formatMistakes, type Mistake } from './mistakes.ts'
import { Config } from './schema.ts'
import { type Environment, readYaml, type YamlSource } from './yaml-source.ts'

/** Reads and checks the config file. CONFIG_NOT_FOUND, or CONFIG_INVALID with every mistake at once. */
export function loadConfig(path: string, env: Environment): Config {
  return parseConfig(readText(path), { file: path, env })
}

/** As `loadConfig`, from text. Relative paths in it start from the folder of `file`. The result is deeply frozen. */
export function parseConfig(text: string, { file, env }: { file: string; env: Environment }): Config {
  const source = readYaml(text, env)
  // Empty default messages tell zod's own words from the schema's.
  const parsed = Config.safeParse(source.data, { error: () => '' })
  const mistakes = mistakesOf(source, parsed.success ? [] : explainIssues(parsed.error.issues, source))
  if (mistakes.length > 0) throw new UnderstudyError('CONFIG_INVALID', formatMistakes(file, mistakes))
  return deepFreeze(resolvePaths(parsed.data!, dirname(resolve(file))))
}

function mistakesOf(source: YamlSource, ofForm: Mistake[]): Mistake[] {
  // A text that is not YAML has no form to complain about.
  return source.data === undefined ? source.mistakes : [...source.mistakes, ...ofForm, ...crossCheck(source)]
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw missing
      ? new UnderstudyError(
          'CONFIG_NOT_FOUND',
          `${path} is not there: run \`understudy init\`, or name it with --config`,
        )
      : new UnderstudyError('CONFIG_NOT_FOUND', `${path} cannot be read (${(cause as Error).message})`, { cause })
  }
}

function resolvePaths(config: Config, folder: string): Config {
  const { tap, log, store, prices } = config
  return {
    ...config,
    tap: { ...tap, spool: { ...tap.spool, folder: resolve(folder, tap.spool.folder) } },
    log: 'embedded' in log ? { embedded: resolve(folder, log.embedded) } : log,
    store: 'embedded' in store ? { ...store, embedded: resolve(folder, store.embedded) } : store,
    prices: prices === 'builtin' ? prices : resolve(folder, prices),
  }
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const child of Object.values(value)) deepFreeze(child)
  return Object.freeze(value)
}
