import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { UnderstudyError } from '../errors.ts'
import { crossCheck } from './cross-check.ts'
import { explainIssues } from './explain.ts'
import { formatMistakes, type Mistake } from './mistakes.ts'
import { Config, Gates, type GatesConfig, type KafkaLog } from './schema.ts'
import { parseWaivers } from './waivers-file.ts'
import { type Environment, readYaml, type YamlSource } from './yaml-source.ts'

/** Reads and checks the config file. CONFIG_NOT_FOUND, or CONFIG_INVALID with every mistake at once. */
export function loadConfig(path: string, env: Environment): Config {
  return parseConfig(readText(path), { file: path, env })
}

/**
 * Only the margins of a config file, which may hold nothing else: all that a verdict on scores from elsewhere needs. A key
 * that no config has is a mistake here too, since `gate:` would leave every margin at its default.
 */
export function loadGates(path: string, env: Environment): GatesConfig {
  const source = readYaml(readText(path), env)
  const others = Object.keys(Config.shape).filter((section) => section !== 'gates')
  const unread = Object.fromEntries(others.map((section) => [section, z.unknown().optional()]))
  const parsed = z.strictObject({ ...unread, gates: Gates }).safeParse(source.data ?? {}, { error: () => '' })
  const ofText = source.mistakes.filter(({ path: [section] }) => !others.includes(String(section)))
  const mistakes = [...ofText, ...(parsed.success ? [] : explainIssues(parsed.error.issues, source))]
  if (mistakes.length > 0) throw new UnderstudyError('CONFIG_INVALID', formatMistakes(path, mistakes))
  return deepFreeze(parsed.data!.gates)
}

/** As `loadConfig`, from text. Relative paths in it start from the folder of `file`. The result is deeply frozen. */
export function parseConfig(text: string, { file, env }: { file: string; env: Environment }): Config {
  const source = readYaml(text, env)
  // Empty default messages tell zod's own words from the schema's.
  const parsed = Config.safeParse(source.data, { error: () => '' })
  const mistakes = mistakesOf(source, parsed.success ? [] : explainIssues(parsed.error.issues, source))
  if (mistakes.length > 0) throw new UnderstudyError('CONFIG_INVALID', formatMistakes(file, mistakes))
  const config = resolvePaths(parsed.data!, dirname(resolve(file)))
  return deepFreeze({ ...config, waivers: [...config.waivers, ...waiversIn(config.waiversFile, source.data, env)] })
}

/** The waivers of a file that holds nothing else. */
function waiversIn(file: string | undefined, config: unknown, env: Environment): Config['waivers'] {
  return file === undefined ? [] : parseWaivers(readText(file), { file, env, config })
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

function resolvePaths(config: z.infer<typeof Config>, folder: string): Config {
  const { tap, log, store, prices, compare, waiversFile } = config
  const scorers = compare.scorers.map((scorer) => ({ ...scorer, module: resolve(folder, scorer.module) }))
  return {
    ...config,
    compare: { ...compare, scorers },
    ...(waiversFile === undefined ? {} : { waiversFile: resolve(folder, waiversFile) }),
    tap: { ...tap, spool: { ...tap.spool, folder: resolve(folder, tap.spool.folder) } },
    log: {
      ...('embedded' in log ? { embedded: resolve(folder, log.embedded) } : kafkaLog(log, folder)),
      ...(store.encryption === undefined ? {} : { encryption: store.encryption }),
    },
    store: 'embedded' in store ? { ...store, embedded: resolve(folder, store.embedded) } : store,
    prices: prices === 'builtin' ? prices : resolve(folder, prices),
  }
}

function kafkaLog<Log extends z.infer<typeof KafkaLog>>(log: Log, folder: string): Log {
  const { claimCheck } = log.kafka
  if (claimCheck === undefined || !('folder' in claimCheck)) return log
  return { ...log, kafka: { ...log.kafka, claimCheck: { ...claimCheck, folder: resolve(folder, claimCheck.folder) } } }
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const child of Object.values(value)) deepFreeze(child)
  return Object.freeze(value)
}
