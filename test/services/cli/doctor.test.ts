import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { type Check } from '../../../services/cli/checks/check.ts'
import { readWaiverUse } from '../../../services/cli/checks/scoring.ts'
import { type Behaviour } from '../../../services/cli/demo/models.ts'
import { startPretendProvider } from '../../../services/cli/demo/pretend-provider.ts'
import { type DoctorDeps, renderChecks, runDoctor } from '../../../services/cli/doctor.ts'
import { parseConfig } from '../../../shared/config/load.ts'
import { waiverId } from '../../../shared/config/waivers.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { openPriceBook } from '../../../shared/pricing/open.ts'
import { comparisonRow } from '../../support/comparison-rows.ts'
import { migratedStore } from '../../support/migrated-store.ts'
import { aPairRow } from '../../support/pair-rows.ts'

const part = { ping: async () => {}, close: async () => {} }
const deps: DoctorDeps = {
  openLog: async () => part,
  openStore: async () => part,
  openPrices: () => openPriceBook('builtin'),
  listArms: () => Promise.resolve([]),
  lookAtKept: () => Promise.resolve([]),
  readWaiverUse: () => Promise.resolve({ comparisons: 0, used: [] }),
  timeoutMs: 20_000,
  now: () => new Date('2026-11-21T12:00:00Z'),
}
const heldByAnother = () => Promise.reject(new UnderstudyError('STORE_LOCKED', 'held by process 7: stop it'))
const unusablePrices = () => {
  throw new UnderstudyError('PRICES_INVALID', 'row 3 has no input price')
}
const faithful: Behaviour = { slipRate: 0, failureRate: 0, slowness: 1, fencesJson: false }
const secret = 'sk-a-secret'

type World = { openai: string; anthropic: string; key?: string; model?: string; listen?: string; more?: string }

/** Everything in order, but for what is given. */
function configFor({ openai, anthropic, key = secret, model = 'gpt-5-mini', listen = '127.0.0.1:0', more }: World) {
  const text = `
tap:
  listen: ${listen}
  ops: 127.0.0.1:0
  upstreams: { openai: { dialect: openai, baseUrl: '${openai}' } }
store: { embedded: ./store, listen: '127.0.0.1:0' }
report: { listen: '127.0.0.1:0' }
ops: false
providers:
  openai: { dialect: openai, baseUrl: '${openai}/v1', apiKey: '${key}' }
  anthropic: { dialect: anthropic, baseUrl: '${anthropic}', apiKey: '${key}' }
${more ?? ''}
control: { provider: openai }
candidates:
  - { name: mini, provider: openai, model: ${model} }
  - { name: haiku, provider: anthropic, model: claude-haiku-4-5 }
`
  return parseConfig(text, { file: '/srv/understudy.yaml', env: {} })
}

async function startProviders(context: TestContext): Promise<{ openai: string; anthropic: string }> {
  const common = { exchanges: [], seed: 1, apiKey: secret }
  const openai = await startPretendProvider({ ...common, family: 'openai', models: { 'gpt-5-mini': faithful } })
  const anthropic = await startPretendProvider({
    ...common,
    family: 'anthropic',
    models: { 'claude-haiku-4-5': faithful },
  })
  context.after(() => Promise.all([openai.stop(), anthropic.stop()]))
  return { openai: openai.url, anthropic: anthropic.url }
}

async function listening(context: TestContext, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An HTTP server whose every answer is the listener's. */
async function answering(context: TestContext, listener: RequestListener): Promise<string> {
  return `http://${await listening(context, createServer(listener))}`
}

/** An address where nothing listens. */
async function closedPort(): Promise<string> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

const find = (checks: Check[], name: string): Check => checks.find((check) => check.name === name)!

test('where everything is in order, every check is ok, in the order of the way of an exchange', async (context) => {
  const checks = await runDoctor(configFor(await startProviders(context)), deps)
  deepEqual(
    checks.filter(({ state }) => state !== 'ok'),
    [],
  )
  deepEqual(
    checks.map(({ name }) => name.split(' ')[0]),
    [
      'upstream',
      'provider',
      'provider',
      'candidate',
      'candidate',
      'price',
      'price',
      'log',
      'store',
      ...Array(4).fill('port'),
    ],
  )
  match(find(checks, 'provider openai').detail, /accepts the key, 1 models/)
})

test('a key that is rejected and a key that is not set are told apart, and no key is shown', async (context) => {
  const urls = await startProviders(context)
  for (const [key, detail, cure] of [
    ['sk-another', /rejects the key \(HTTP 401\)/, /valid key/],
    ['', /asks for a key \(HTTP 401\) and none is set/, /providers\.\w+\.apiKey: '\$\{NAME\}'/],
  ] as const) {
    const checks = await runDoctor(configFor({ ...urls, key }), deps)
    for (const name of ['provider openai', 'provider anthropic']) {
      const check = find(checks, name)
      equal(check.state, 'fail')
      match(check.detail, detail)
      match(check.cure!, cure)
    }
    ok(!renderChecks(checks).includes('sk-'))
    equal(find(checks, 'candidate mini'), undefined, 'without a list there is nothing to say about models')
  }
})

test('what does not listen and what never answers fail with the reason', async (context) => {
  const closed = await closedPort()
  const silent = await answering(context, () => {})
  const checks = await runDoctor(configFor({ openai: closed, anthropic: silent }), { ...deps, timeoutMs: 100 })
  match(find(checks, 'upstream openai').detail, /cannot be reached \(ECONNREFUSED\)/)
  match(find(checks, 'provider openai').detail, /cannot be reached \(ECONNREFUSED\)/)
  match(find(checks, 'provider anthropic').detail, /cannot be reached \(no answer in time\)/)
  ok(['upstream openai', 'provider openai', 'provider anthropic'].every((name) => find(checks, name).state === 'fail'))
})

test('an upstream that answers anything at all can be reached', async (context) => {
  const { anthropic } = await startProviders(context)
  const grumpy = await answering(context, (_, response) => response.writeHead(421).end())
  const checks = await runDoctor(configFor({ openai: grumpy, anthropic }), deps)
  equal(find(checks, 'upstream openai').state, 'ok')
  match(find(checks, 'upstream openai').detail, /HTTP 421/)
  equal(find(checks, 'provider openai').state, 'warn')
  match(find(checks, 'provider openai').detail, /lists no models/)
})

test('a model that its provider does not list is warned about, with the name that was probably meant', async (context) => {
  const checks = await runDoctor(configFor({ ...(await startProviders(context)), model: 'gpt-5-minni' }), deps)
  const check = find(checks, 'candidate mini')
  equal(check.state, 'warn')
  equal(check.cure, 'did you mean gpt-5-mini?')
  equal(find(checks, 'price mini').state, 'warn')
  match(find(checks, 'price mini').detail, /gpt-5-minni has no price on 2026-11-21/)
})

test('a provider that no arm uses can only be warned about', async (context) => {
  const more = `  vllm: { dialect: openai, baseUrl: '${await closedPort()}/v1' }`
  const checks = await runDoctor(configFor({ ...(await startProviders(context)), more }), deps)
  equal(find(checks, 'provider vllm').state, 'warn')
  match(find(checks, 'provider vllm').detail, /no arm uses it/)
})

test('log and store fail with their own words, and are closed again either way', async (context) => {
  let closed = 0
  const dead = {
    ping: () => Promise.reject(new UnderstudyError('LOG_UNAVAILABLE', 'no broker answers: start one')),
    close: async () => void (closed += 1),
  }
  const config = configFor(await startProviders(context))
  const checks = await runDoctor(config, { ...deps, openLog: async () => dead, openStore: heldByAnother })
  match(find(checks, 'log').detail, /no broker answers: start one/)
  match(find(checks, 'store').detail, /held by process 7: stop it/)
  equal(closed, 1)
})

test('a port in use is warned about, because Understudy itself may be running', async (context) => {
  const listen = await listening(context, createTcpServer())
  const checks = await runDoctor(configFor({ ...(await startProviders(context)), listen }), deps)
  const check = find(checks, `port ${listen}`)
  equal(check.state, 'warn')
  match(check.cure!, /tap\.listen/)
})

test('an unusable price file is one failure, not one per candidate', async (context) => {
  const checks = await runDoctor(configFor(await startProviders(context)), { ...deps, openPrices: unusablePrices })
  match(find(checks, 'prices').detail, /row 3/)
})

test('the lines are aligned, each cure beneath its check, with a count at the end', () => {
  const checks: Check[] = [
    { name: 'log', state: 'ok', detail: 'answers', cure: null },
    { name: 'port 127.0.0.1:1', state: 'fail', detail: 'EACCES', cure: 'change tap.listen' },
  ]
  equal(
    renderChecks(checks),
    [
      'ok    log               answers',
      'fail  port 127.0.0.1:1  EACCES',
      '                        → change tap.listen',
      '',
      '2 checks: 1 failed, 0 to look at',
    ].join('\n'),
  )
})

test('an arm that is not asked at present is named with its cure, where the log can be asked for it', async (context) => {
  const config = configFor(await startProviders(context))
  const status = { provider: 'openai', model: 'm', spentUsd: 6, budgetUsdPerDay: 5, limits: { concurrency: 8 } }
  const since = '2026-11-21T10:00:00.000Z'
  const listArms: DoctorDeps['listArms'] = () =>
    Promise.resolve([
      { ...status, arm: 'control', state: 'asked', since: null },
      { ...status, arm: 'mini', state: 'paused', since },
      { ...status, arm: 'haiku', state: 'budget_reached', since: null },
    ])
  const found = await runDoctor(config, { ...deps, listArms })
  deepEqual(
    found.filter(({ name }) => name.startsWith('arm ')),
    [
      {
        name: 'arm mini',
        state: 'warn',
        detail: `mini is paused since ${since}`,
        cure: 'understudy replay resume mini',
      },
      {
        name: 'arm haiku',
        state: 'warn',
        detail: 'haiku has spent $6.00 of $5.00 for today',
        cure: 'it is asked again after midnight UTC; or raise budgetUsdPerDay',
      },
    ],
  )
})

const helped = (court: string) => `  court: { dialect: openai, baseUrl: '${court}/v1' }
compare:
  judge: { provider: court, model: wise-1 }
  embeddings: { provider: court, model: space-1 }
`

test('the judge and the embeddings are asked one thing each, and are ok where they answer in form', async (context) => {
  const court = await pretendCourt(context, '{"reason":"4 is the sum.","winner":"first"}')
  const checks = await runDoctor(configFor({ ...(await startProviders(context)), more: helped(court) }), deps)

  deepEqual([find(checks, 'judge wise-1').state, find(checks, 'embeddings space-1').state], ['ok', 'ok'])
  match(find(checks, 'embeddings space-1').detail, /2 dimensions/)
})

test('a judge that answers in prose, or wrongly, and an endpoint that is not there are told with their cure', async (context) => {
  const urls = await startProviders(context)
  const prose = await runDoctor(configFor({ ...urls, more: helped(await pretendCourt(context, 'The first.')) }), deps)
  equal(find(prose, 'judge wise-1').state, 'fail')
  match(find(prose, 'judge wise-1').detail, /no verdict \(unparsable\)/)
  match(find(prose, 'judge wise-1').cure!, /structured output/)

  const wrong = await pretendCourt(context, '{"reason":"","winner":"second"}')
  equal(find(await runDoctor(configFor({ ...urls, more: helped(wrong) }), deps), 'judge wise-1').state, 'warn')

  const nobody = await runDoctor(configFor({ ...urls, more: helped(await closedPort()) }), deps)
  match(find(nobody, 'embeddings space-1').detail, /no vectors \(connection\)/)
  equal(find(nobody, 'judge wise-1').state, 'fail')
})

const waived = `waivers:
  - { rung: json, path: /id, reason: made up, author: ana, expires: 2026-12-31 }
  - { rung: json, path: /total, reason: rounded, author: ben, expires: 2026-11-20 }
`

test('a waiver that has expired or that covers nothing is told with its cure', async (context) => {
  const config = configFor({ ...(await startProviders(context)), more: waived })
  const [used, expired] = config.waivers.map((waiver) => `waiver ${waiverId(waiver)}`)
  const found = async (comparisons: number, ids: string[]) =>
    await runDoctor(config, { ...deps, readWaiverUse: async () => ({ comparisons, used: ids }) })

  const nothing = find(await found(120, []), used!)
  deepEqual(
    [nothing.state, nothing.detail],
    ['warn', 'json /id (ana) covers nothing in 120 comparisons that were made with it'],
  )
  match(nothing.cure!, /remove it, or correct it/)
  for (const checks of [await found(0, []), await found(120, [waiverId(config.waivers[0]!)])]) {
    equal(find(checks, used!).state, 'ok')
    deepEqual(
      [find(checks, expired!).state, find(checks, expired!).detail],
      ['warn', 'json /total (ben) expired after 2026-11-20'],
    )
  }
  const failing = await runDoctor(config, { ...deps, readWaiverUse: () => Promise.reject(new Error('no such table')) })
  equal(find(failing, used!).state, 'ok')
})

test('a scorer that cannot be loaded is told with its cure, and one that can is ok', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-doctor-'))
  context.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'tone.mjs'), 'export const score = () => 1')
  writeFileSync(join(folder, 'none.mjs'), 'export const other = () => 1; process.exit(3)')
  const scorers = ['tone', 'none', 'gone'].map((name) => `{ name: ${name}, module: ${folder}/${name}.mjs }`)
  const more = `compare: { scorers: [${scorers.join(', ')}] }`
  const checks = await runDoctor(configFor({ ...(await startProviders(context)), more }), deps)

  equal(find(checks, 'scorer tone').state, 'ok')
  deepEqual([find(checks, 'scorer none').state, find(checks, 'scorer gone').state], ['fail', 'fail'])
  match(find(checks, 'scorer gone').detail, /gone\.mjs cannot be read \(ENOENT\): the path starts from the folder/)
  match(find(checks, 'scorer gone').cure!, /compare does not start with it/)
})

test('which waivers have covered something is read from the comparisons of this very config', async () => {
  const store = await migratedStore()
  const row = (number: number, more: object) => ({ ...comparisonRow(aPairRow(number), 'mini'), ...more })
  await store.insert('comparisons', [
    row(1, { scorer_version: '1+now', waived: ['0a0a0a0a'] }),
    row(2, { scorer_version: '1+now', waived: [] }),
    row(3, { scorer_version: '1+old', waived: ['0b0b0b0b'] }),
  ])
  deepEqual(await readWaiverUse(store, '1+now'), { comparisons: 2, used: ['0a0a0a0a'] })
  deepEqual(await readWaiverUse(store, '1+none'), { comparisons: 0, used: [] })
})

/** Says the same to everything, and knows one vector. */
function pretendCourt(context: TestContext, said: string): Promise<string> {
  return answering(context, (request, response) => {
    const choices = [{ index: 0, message: { role: 'assistant', content: said }, finish_reason: 'stop' }]
    const vectors = { object: 'list', data: [{ index: 0, embedding: [0.6, 0.8] }] }
    const isVectors = request.url!.endsWith('/embeddings')
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(isVectors ? vectors : { object: 'chat.completion', choices }))
    })
  })
}
