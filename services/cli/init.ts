import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Command } from 'commander'
import { configJsonSchema } from '../../shared/config/json-schema.ts'
import { parseConfig } from '../../shared/config/load.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { createAsker } from './asker.ts'
import { command, type CommonOptions, defaultConfigFile, print } from './command.ts'
import {
  appBaseUrl,
  candidateOf,
  defaultCandidates,
  type Endpoint,
  endpointOf,
  type InitAnswers,
  renderConfig,
} from './init-config.ts'

export type InitOptions = CommonOptions & {
  served?: string
  candidate?: string[]
  keyEnv?: string[]
  yes?: boolean
  force?: boolean
}

/** `ask` is null where nobody is at a terminal. An empty answer takes the default. */
export type InitIo = { ask: ((question: string, fallback: string) => Promise<string>) | null }

/** Writes the config file and returns what was answered. USAGE where a file would be overwritten. */
export async function runInit(options: InitOptions, { ask }: InitIo): Promise<InitAnswers> {
  const file = options.config
  if (existsSync(file) && !options.force) {
    throw new UnderstudyError('USAGE', `${file} is already there: pass --force to replace it, or --config another-file`)
  }
  const answers = await answersFrom(options, options.yes ? null : ask)
  const text = renderConfig(answers)
  // The same check that every command makes, with the keys that need not be set yet.
  parseConfig(text, { file, env: Object.fromEntries(variablesOf(answers).map((name) => [name, 'unset'])) })
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text, { flag: options.force ? 'w' : 'wx' })
  return answers
}

type Answer = (given: string | undefined, question: string, fallback: string) => Promise<string>

async function answersFrom(options: InitOptions, ask: InitIo['ask']): Promise<InitAnswers> {
  const answer: Answer = async (given, question, fallback) => {
    if (given !== undefined) return given
    return ask === null ? fallback : (await ask(question, fallback)).trim() || fallback
  }
  const withKey = keyAsker(options.keyEnv ?? [], answer)
  const servedText = await answer(options.served, 'Who serves now (openai, anthropic or a base URL)?', 'openai')
  const served = await withKey(endpointOf(servedText))
  const question = 'Which candidate (name=provider/model)?'
  const texts = options.candidate ?? [await answer(undefined, question, defaultCandidates[served.family])]
  const candidates: InitAnswers['candidates'] = []
  for (const text of texts) {
    const candidate = candidateOf(text)
    const known = [served, ...candidates.map(({ provider }) => provider)]
    candidates.push({ ...candidate, provider: await withKey(withOwnName(candidate.provider, known)) })
  }
  return { served, candidates }
}

/** Asks for the key's variable once per provider. */
function keyAsker(given: string[], answer: Answer): (endpoint: Endpoint) => Promise<Endpoint> {
  const variables = new Map(given.map(keyVariableOf))
  return async (endpoint) => {
    const fallback = endpoint.keyVariable ?? ''
    const question = `Which environment variable holds the key of ${endpoint.name} (empty: no key)?`
    const variable = await answer(variables.get(endpoint.name), question, fallback)
    variables.set(endpoint.name, variable)
    return { ...endpoint, keyVariable: variable === '' ? null : variable }
  }
}

/** Two servers of one's own may have hosts of one name. */
function withOwnName(endpoint: Endpoint, known: readonly Endpoint[]): Endpoint {
  const isTaken = (name: string) => known.some((other) => other.name === name && other.baseUrl !== endpoint.baseUrl)
  let name = endpoint.name
  for (let number = 2; isTaken(name); number++) name = `${endpoint.name}-${number}`
  return { ...endpoint, name }
}

function keyVariableOf(text: string): [provider: string, variable: string] {
  const [, provider, variable] = /^([a-z0-9-]+)=([A-Za-z_][A-Za-z0-9_]*)$/.exec(text) ?? []
  if (provider !== undefined && variable !== undefined) return [provider, variable]
  throw new UnderstudyError('USAGE', `--key-env "${text}": write provider=VARIABLE, such as openai=OPENAI_API_KEY`)
}

function variablesOf({ served, candidates }: InitAnswers): string[] {
  const endpoints = [served, ...candidates.map(({ provider }) => provider)]
  return [...new Set(endpoints.flatMap(({ keyVariable }) => keyVariable ?? []))]
}

export function initCommand(): Command {
  return command('init', 'write a config file, by asking or from the options')
    .option('--served <provider>', 'who serves now: openai, anthropic, or a base URL')
    .option('--candidate <name=provider/model...>', 'what may replace it; name=URL#model for a server of your own')
    .option('--key-env <provider=VARIABLE...>', 'the environment variable with a provider’s key')
    .option('-y, --yes', 'ask nothing: options and defaults')
    .option('--force', 'replace an existing file')
    .option('--schema', 'only print the JSON Schema of the file, for editors')
    .action(async (options: InitOptions & { schema?: boolean }) => {
      if (options.schema) {
        process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`)
        return
      }
      const isAtTerminal = process.stdin.isTTY && process.stderr.isTTY
      const asker = isAtTerminal ? createAsker(process.stdin, process.stderr) : null
      try {
        const answers = await runInit(options, { ask: asker?.ask ?? null })
        print(options, { file: options.config, variables: variablesOf(answers) }, nextSteps(options.config, answers))
      } finally {
        asker?.close()
      }
    })
}

function nextSteps(file: string, answers: InitAnswers): string {
  const exports = variablesOf(answers).map((name) => `  export ${name}=…`)
  const named = file === defaultConfigFile ? '' : ` --config ${file}`
  return [
    `${file} is written. Next:`,
    ...exports,
    `  npx understudy doctor${named}`,
    `  npx understudy up${named}`,
    `and let your app's base URL be ${appBaseUrl(answers.served)}`,
  ].join('\n')
}
