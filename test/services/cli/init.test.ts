import { deepEqual, equal, match, ok, partialDeepStrictEqual, rejects } from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { test, type TestContext } from 'node:test'
import { type InitOptions, runInit } from '../../../services/cli/init.ts'
import { loadConfig, parseConfig } from '../../../shared/config/load.ts'

const env = { OPENAI_API_KEY: 'a', ANTHROPIC_API_KEY: 'b', MY_KEY: 'c' }
const nobody = { ask: null }
const usage = (message: RegExp) => ({ code: 'USAGE', message })

function fileIn(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-init-'))
  context.after(() => rmSync(folder, { recursive: true }))
  return join(folder, 'understudy.yaml')
}

async function written(context: TestContext, options: Partial<InitOptions>) {
  const config = fileIn(context)
  await runInit({ config, ...options }, nobody)
  return { config: loadConfig(config, env), text: readFileSync(config, 'utf8') }
}

test('without a question answered, the file asks a cheaper model of the same provider, and is usable', async (context) => {
  const { config, text } = await written(context, { yes: true })
  deepEqual(config.tap.upstreams, { openai: { dialect: 'openai', baseUrl: 'https://api.openai.com' } })
  equal(config.providers['openai']?.baseUrl, 'https://api.openai.com/v1')
  equal(config.providers['openai']?.apiKey, 'a')
  deepEqual(
    config.candidates.map(({ name, provider, model }) => [name, provider, model]),
    [['mini', 'openai', 'gpt-5-mini']],
  )
  match(text, /base URL: http:\/\/127\.0\.0\.1:8787\/openai\/v1/)
  ok(text.split('\n').filter((line) => line.includes('#')).length > 10, 'it explains itself')
})

test('what it shows of waivers and scorers can be used as it stands, once the comment signs are taken off', async (context) => {
  const { text } = await written(context, { yes: true })
  const shown = /^# (?=compare:| {2}scorers:| {4}- \{ name: tone| *- \{ rung:|waivers:)/gm
  const { compare, waivers } = parseConfig(text.replaceAll(shown, ''), { file: '/srv/understudy.yaml', env })
  deepEqual(
    compare.scorers.map(({ name, module, as }) => [name, module, as]),
    [['tone', '/srv/tone.ts', 'quality']],
  )
  deepEqual(
    waivers.map(({ path }) => path),
    ['/items/*/id'],
  )
})

test('options say who serves, which candidates there are and where the keys are', async (context) => {
  const { config } = await written(context, {
    served: 'anthropic',
    candidate: ['sonnet=anthropic/claude-sonnet-5', 'qwen=http://vllm.internal:8000/v1#qwen3/coder'],
    keyEnv: ['vllm=MY_KEY'],
  })
  deepEqual(Object.keys(config.tap.upstreams), ['anthropic'])
  ok(config.control !== false && config.control.provider === 'anthropic')
  partialDeepStrictEqual(config.providers['vllm'], {
    dialect: 'openai',
    baseUrl: 'http://vllm.internal:8000/v1',
    apiKey: 'c',
  })
  equal(config.providers['anthropic']?.baseUrl, 'https://api.anthropic.com')
  deepEqual(
    config.candidates.map(({ provider, model }) => [provider, model]),
    [
      ['anthropic', 'claude-sonnet-5'],
      ['vllm', 'qwen3/coder'],
    ],
  )
})

test('a server of one’s own needs no key, and two of them do not share a name', async (context) => {
  const { config } = await written(context, {
    served: 'http://127.0.0.1:8000/v1/',
    candidate: ['a=http://127.0.0.1:8001#m', 'b=http://127.0.0.1:8001#n', 'c=http://127.0.0.1:8000#o'],
  })
  const places = Object.entries(config.providers).map(([name, { baseUrl, apiKey }]) => [name, baseUrl, apiKey])
  deepEqual(places, [
    ['local', 'http://127.0.0.1:8000/v1', ''],
    ['local-2', 'http://127.0.0.1:8001/v1', ''],
  ])
  deepEqual(
    config.candidates.map(({ provider }) => provider),
    ['local-2', 'local-2', 'local'],
  )
})

test('at a terminal it asks, and an empty answer takes the default that the question shows', async (context) => {
  const config = fileIn(context)
  const asked: string[] = []
  const replies = ['', '', 'sonnet=anthropic/claude-sonnet-5', ' MY_KEY ']
  const ask = async (question: string, fallback: string): Promise<string> => {
    asked.push(`${question} ${fallback}`)
    return replies[asked.length - 1]!
  }
  await runInit({ config }, { ask })
  equal(asked.length, 4)
  match(asked[0]!, /Who serves now.* openai$/)
  match(asked[1]!, /key of openai.* OPENAI_API_KEY$/)
  match(asked[2]!, /Which candidate.* mini=openai\/gpt-5-mini$/)
  match(asked[3]!, /key of anthropic.* ANTHROPIC_API_KEY$/)
  const { providers, candidates } = loadConfig(config, env)
  equal(providers['openai']?.apiKey, 'a')
  equal(providers['anthropic']?.apiKey, 'c')
  equal(candidates[0]?.name, 'sonnet')
})

test('a file that is there is kept, unless it may be replaced', async (context) => {
  const config = fileIn(context)
  await runInit({ config, yes: true }, nobody)
  const before = readFileSync(config, 'utf8')
  await rejects(runInit({ config, served: 'anthropic' }, nobody), { code: 'USAGE', message: /--force/ })
  equal(readFileSync(config, 'utf8'), before)
  await runInit({ config, served: 'anthropic', force: true }, nobody)
  ok(readFileSync(config, 'utf8') !== before)
})

test('what cannot be understood is refused with an example, and nothing is written', async (context) => {
  const config = fileIn(context)
  await rejects(runInit({ config, served: 'azure' }, nobody), usage(/openai, anthropic, or a base URL/))
  for (const candidate of ['sonnet', 'a=b', 'a=openai/', '=openai/x', 'a=http://x']) {
    await rejects(runInit({ config, candidate: [candidate] }, nobody), usage(/names no candidate|is no provider/))
  }
  await rejects(runInit({ config, keyEnv: ['openai'] }, nobody), usage(/provider=VARIABLE/))
  await rejects(runInit({ config, candidate: ['My Model=openai/x'] }, nobody), { code: 'CONFIG_INVALID' })
  await rejects(async () => readFileSync(config), { code: 'ENOENT' })
})

test('no answer can become anything but text in the file', async (context) => {
  const model = "it's: {a: 1} # no comment"
  const { config } = await written(context, { candidate: [`odd=openai/${model}`] })
  equal(config.candidates[0]?.model, model)
})

test('on the command line, it prints the schema for editors without writing a file', (context) => {
  const main = join(import.meta.dirname, '../../../services/cli/main.ts')
  const config = fileIn(context)
  const printed = execFileSync(process.execPath, [main, 'init', '--schema', '--config', config], { encoding: 'utf8' })
  const schema = JSON.parse(printed) as { properties: object; additionalProperties: boolean }
  ok('candidates' in schema.properties)
  equal(schema.additionalProperties, false)
  ok(!existsSync(config))
})
