import { equal, match } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { stringify } from 'yaml'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { freePorts, understudy } from '../../support/understudy.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-plan-'))
const configFile = join(folder, 'understudy.yaml')

before(async () => {
  const [tap, storePort, report] = await freePorts(3)
  const config = {
    tap: { listen: `127.0.0.1:${tap}`, upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
    log: { embedded: join(folder, 'log.db') },
    store: { embedded: join(folder, 'store'), listen: `127.0.0.1:${storePort}` },
    providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
    control: { provider: 'openai' },
    candidates: [{ name: 'subtle', provider: 'openai', model: 'small-1' }],
    report: { listen: `127.0.0.1:${report}` },
  }
  writeFileSync(configFile, stringify(config))
  const store = await openEmbedded(join(folder, 'store'), 'embedded')
  await migrate(store)
  await store.close()
})

after(() => rmSync(folder, { recursive: true, force: true }))

const plan = (...args: string[]) => understudy('plan', '--config', configFile, '--candidate', 'subtle', ...args)

test('a plan is made before anything was compared, and says that nothing shows it to be safe', async () => {
  const { code, stdout, stderr } = await plan()

  equal(code, 0, stderr)
  match(stdout, /The verdict is not GO yet/)
  match(stdout, /100 %/)
})

test('it is also JSON, and the configuration of a gateway', async () => {
  const { stdout } = await plan('--json')
  const nginx = await plan('--for', 'nginx', '--stage', '25')

  equal((JSON.parse(stdout) as { stages: object[] }).stages.length, 5)
  match(nginx.stdout, /25% candidate;/)
})

for (const [what, args, message] of [
  ['a stage that there is not', ['--for', 'nginx', '--stage', '30'], /choose from 1, 5, 25, 50, 100/],
  ['a gateway that is not known', ['--for', 'apache'], /litellm, nginx, envoy, istio, argo, flagger/],
  ['a stage of nothing', ['--stage', '5'], /--stage goes with --for/],
] as const) {
  test(`${what} is refused with its cure`, async () => {
    const { code, stderr } = await plan(...args)

    equal(code, 2)
    match(stderr, message)
  })
}
