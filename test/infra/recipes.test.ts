import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Command } from 'commander'
import { parse } from 'yaml'
import { gateCommand } from '../../services/cli/gate.ts'
import { summaryCommand } from '../../services/cli/summary.ts'
import { startReport } from '../../services/report/main.ts'
import { armsOf } from '../../shared/config/arms.ts'
import { Config } from '../../shared/config/schema.ts'
import { silentLogger as logger } from '../../shared/logger.ts'
import { openEmbedded } from '../../shared/store/embedded.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { type Store } from '../../shared/store/store.ts'
import { comparisonRow } from '../support/comparison-rows.ts'
import { dayMs, traffic, type TrafficShape } from '../support/pair-rows.ts'

const recipes = new URL('../../infra/recipes/', import.meta.url)
const read = (name: string) => parse(readFileSync(new URL(name, recipes), 'utf8')) as unknown

type Web = { method: string; url: string; jsonPath: string }
type Metric = {
  successCondition: string
  failureCondition: string
  inconclusiveLimit: number
  failureLimit: number
  provider: { web: Web }
}
type Hook = { name: string; type: string; url: string; metadata?: Record<string, string> }

const [metric] = (read('argo-rollouts.yaml') as { spec: { metrics: [Metric] } }).spec.metrics
const hooks = (read('flagger.yaml') as { spec: { analysis: { webhooks: Hook[] } } }).spec.analysis.webhooks

const candidates = { good: {}, bad: { quality: 0.85 }, open: {} } satisfies Record<string, TrafficShape>
const expected = { good: 'go', bad: 'no_go', open: 'inconclusive' } as const

const config = Config.parse({
  tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
  providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
  control: { provider: 'openai' },
  candidates: Object.keys(candidates).map((name) => ({ name, provider: 'openai', model: `${name}-1` })),
  report: { listen: '127.0.0.1:0' },
})
const folder = mkdtempSync(join(tmpdir(), 'understudy-recipes-'))
const refuse = () => Promise.reject(new Error('not asked here'))
let store: Store
let report: Awaited<ReturnType<typeof startReport>>

before(async () => {
  store = await openEmbedded(folder, 'embedded')
  await migrate(store)
  for (const [name, shape] of Object.entries(candidates)) await record(name, shape, name === 'open' ? 150 : 3_000)
  const arms = { list: refuse, setPaused: refuse }
  report = await startReport({ config, store, logger, intake: { take: refuse }, arms })
})

after(async () => {
  await report.stop()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function record(arm: string, shape: TrafficShape, count: number): Promise<void> {
  const fingerprintOf = (name: string) => armsOf(config).find((each) => each.name === name)!.fingerprint
  const rows = traffic(count, shape).map((row) =>
    comparisonRow(
      {
        ...row,
        armFingerprint: fingerprintOf(arm),
        controlFingerprint: fingerprintOf('control'),
        capturedAtMs: Math.round(row.capturedAtMs) - 400 * dayMs,
      },
      arm,
    ),
  )
  await store.insert('comparisons', rows)
}

const here = (url: string) => url.replace('http://understudy-report:3400', report.url)

/** As Argo Rollouts measures: a GET, JSON of a 2xx answer, the value at the path, then the conditions on it. */
async function measure(candidate: string): Promise<'Successful' | 'Failed' | 'Inconclusive' | 'Error'> {
  const { method, url, jsonPath } = metric.provider.web
  const response = await fetch(here(url).replace('{{args.candidate}}', candidate), {
    method,
    headers: { 'user-agent': 'Go-http-client/1.1', 'accept-encoding': 'gzip' },
  })
  const body = (await response.json()) as Record<string, unknown>
  if (!response.ok) return 'Error'
  equal(jsonPath, '{$}')
  const { verdict, except } = body as { verdict: string; except: unknown[] }
  const terms: Record<string, boolean> = {
    'result.verdict == "go"': verdict === 'go',
    'result.verdict == "no_go"': verdict === 'no_go',
    'len(result.except) == 0': except.length === 0,
  }
  const holds = (condition: string) =>
    condition.split(' && ').every((term) => {
      ok(term in terms, term)
      return terms[term]
    })
  if (holds(metric.failureCondition)) return 'Failed'
  return holds(metric.successCondition) ? 'Successful' : 'Inconclusive'
}

test('Argo Rollouts: go passes, no_go fails at once, inconclusive pauses, an unknown candidate is an error', async () => {
  deepEqual(await Promise.all(['good', 'bad', 'open', 'nobody'].map(measure)), [
    'Successful',
    'Failed',
    'Inconclusive',
    'Error',
  ])
  deepEqual([metric.failureLimit, metric.inconclusiveLimit], [0, 0])
})

/** As Flagger calls a hook: a POST of its JSON; a status above 202 fails, with the body as the reason. */
async function call({ url, metadata = {} }: Hook, candidate: string) {
  const response = await fetch(here(url).replace('CANDIDATE', candidate), {
    method: 'POST',
    headers: { 'user-agent': 'Go-http-client/1.1', 'content-type': 'application/json', 'accept-encoding': 'gzip' },
    body: JSON.stringify({
      name: 'gateway',
      namespace: 'default',
      phase: 'Progressing',
      checksum: '85d557f47b',
      metadata,
    }),
  })
  return { passes: response.status <= 202, status: response.status, body: await response.text() }
}

for (const hook of hooks) {
  test(`Flagger, ${hook.type}: passes on ${hook.type === 'rollback' ? 'no_go' : 'go'} alone, and says why it does not`, async () => {
    const passing = hook.type === 'rollback' ? 'no_go' : 'go'
    for (const [name, verdict] of Object.entries(expected)) {
      const { passes, status, body } = await call(hook, name)
      equal(passes, verdict === passing, name)
      equal(status, verdict === passing ? 200 : verdict === 'inconclusive' ? 425 : 409)
      match(body, new RegExp(`"verdict":"${verdict}".*"sentence":"`))
    }
    equal((await call(hook, 'nobody')).status, 404)
  })
}

test('a gate that expects what there is not is refused with its cure', async () => {
  const response = await fetch(`${report.url}/api/v1/candidates/good/gate?expect=maybe`, { method: 'POST' })

  equal(response.status, 400)
  match(await response.text(), /\\"expect\\" takes go or no_go/)
})

type Workflow = { jobs: Record<string, { steps: { run?: string; with?: Record<string, string> }[] }> }

test('GitHub Actions: every command and option is one of ours, and what is uploaded is what was written', () => {
  const { steps } = (read('github-actions.yaml') as Workflow).jobs['gate']!
  const lines = steps.flatMap(({ run = '' }) => run.split('\n')).filter((line) => line.startsWith('npx understudy'))
  const commands: Record<string, Command> = { summary: summaryCommand(), gate: gateCommand() }
  const written: string[] = []
  for (const line of lines) {
    const [, , name, ...words] = line.replace(/ >> .*/, '').split(' ')
    const known = commands[name!]!.options.flatMap(({ short, long }) => [short, long])
    for (const word of words.filter((each) => each.startsWith('-'))) ok(known.includes(word), `${name} ${word}`)
    const output = words.indexOf('-o')
    if (output >= 0) written.push(words[output + 1]!)
  }

  equal(lines.length, 4)
  deepEqual(
    steps.flatMap(({ with: given }) => given?.['path']?.trim().split('\n') ?? []).toSorted(),
    written.toSorted(),
  )
})

test('the webhook of Slack is a setting of the config', () => {
  const { report: part } = read('slack.yaml') as { report: { webhook: string } }

  equal(part.webhook, '${SLACK_WEBHOOK_URL}')
  equal(
    Config.shape.report.parse({ webhook: 'https://hooks.slack.com/services/T0/B0/x' }).webhook,
    'https://hooks.slack.com/services/T0/B0/x',
  )
  equal(Config.shape.report.safeParse({ webhook: 'slack' }).success, false)
})

test('every recipe is in the list, and every link of the list leads to one', () => {
  const listed = Array.from(
    readFileSync(new URL('README.md', recipes), 'utf8').matchAll(/\]\((\S+\.yaml)\)/g),
    ([, name]) => name!,
  )

  deepEqual(
    listed.toSorted(),
    readdirSync(recipes)
      .filter((name) => name.endsWith('.yaml'))
      .toSorted(),
  )
})
