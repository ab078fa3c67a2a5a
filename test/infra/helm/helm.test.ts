import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parse, parseAllDocuments } from 'yaml'
import { stages } from '../../../services/cli/stages.ts'
import { parseConfig } from '../../../shared/config/load.ts'
import { pythonWith } from '../../support/python.ts'
import { chartDigest, chartFolder, renderings } from './chart.ts'

const run = promisify(execFile)
const fileOf = (name: string) => fileURLToPath(new URL(`../../fixtures/helm/${name}.yaml`, import.meta.url))

type Pod = {
  spec: {
    containers: {
      args: string[]
      ports: { name: string; containerPort: number }[]
      envFrom?: object[]
      resources: { requests: Record<string, string>; limits: Record<string, string> }
      securityContext: object
      [probe: `${string}Probe`]: { httpGet: { path: string; port: string } }
    }[]
  }
}
type Manifest = {
  kind: string
  metadata: { name: string }
  data?: Record<string, string>
  spec: {
    replicas?: number
    template: Pod
    selector: Record<string, string> & { matchLabels?: Record<string, string> }
    ports: { port: number; targetPort: string }[]
    ingress: { ports: { port: number }[]; from: object[] }[]
    triggers: { type: string; metadata: Record<string, string> }[]
    maxReplicaCount: number
  }
}

const manifestsOf = (name: string): Manifest[] =>
  parseAllDocuments(readFileSync(fileOf(name), 'utf8'))
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null)
const named = (manifests: Manifest[], kind: string, name: string) =>
  manifests.find((each) => each.kind === kind && each.metadata.name === name)!

const hasHelm = await run('helm', ['version']).then(
  () => true,
  () => false,
)

for (const [name, values] of renderings) {
  test(`the rendering “${name}” is of the chart as it is`, () => {
    const [first] = readFileSync(fileOf(name), 'utf8').split('\n', 1)
    assert.equal(first, `# digest of the chart: ${chartDigest()}`, 'render it again: node test/infra/helm/render.ts')
  })

  test(`helm renders “${name}” as it is here`, { skip: hasHelm ? false : 'helm is not on the path' }, () => {
    const text = execFileSync(
      'helm',
      ['template', 'shadow', chartFolder, '--namespace', 'llm', '--kube-version', '1.29.0', ...values],
      {
        encoding: 'utf8',
      },
    )
    assert.equal(text, readFileSync(fileOf(name), 'utf8').replace(/^.*\n/, ''))
  })
}

test('every manifest keeps to the schema of its kind, as Kubernetes 1.29 and 1.37 have it', async (context) => {
  const found = await pythonWith(fileURLToPath(new URL('requirements.txt', import.meta.url)))
  if ('missing' in found) return context.skip(found.missing)
  const program = `
import sys, yaml, kubernetes_validate
for file in sys.argv[1:]:
  kinds = 0
  for manifest in yaml.safe_load_all(open(file)):
    # KEDA's own kinds are not Kubernetes'.
    if manifest is None or manifest['apiVersion'].startswith('keda.sh/'): continue
    for version in ('1.29', '1.37'): kubernetes_validate.validate(manifest, version, strict=True)
    kinds += 1
  print(kinds)
`
  const { stdout } = await run(found.python, ['-c', program, ...renderings.map(([name]) => fileOf(name))])
  for (const line of stdout.trim().split('\n')) assert.ok(Number(line) >= 14, stdout)
})

test('every stage has its pods, which start it on the mounted config, ask its own probes and may do little else', () => {
  const manifests = manifestsOf('default')
  for (const stage of stages) {
    const workload = named(manifests, stage === 'tap' ? 'StatefulSet' : 'Deployment', `shadow-${stage}`)
    const [container, ...others] = workload.spec.template.spec.containers
    assert.deepEqual([others, container!.args], [[], [stage, '--config', '/etc/understudy/understudy.yaml']])
    for (const probe of ['startupProbe', 'livenessProbe'] as const)
      assert.deepEqual(container![probe]!.httpGet, { path: '/healthz', port: 'ops' })
    assert.deepEqual(container!.readinessProbe!.httpGet, { path: '/readyz', port: 'ops' })
    assert.deepEqual(Object.keys(container!.resources.requests), ['cpu', 'memory'])
    // A limit of processor time would stop the tap in the middle of an answer.
    assert.deepEqual(Object.keys(container!.resources.limits), ['memory'])
    assert.deepEqual(container!.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  }
})

test('the config that is mounted is usable, and its addresses are those that services, probes and policies name', () => {
  const manifests = manifestsOf('default')
  const text = named(manifests, 'ConfigMap', 'shadow').data!['understudy.yaml']!
  const config = parseConfig(text, {
    file: '/etc/understudy/understudy.yaml',
    env: { OPENAI_API_KEY: 'k', CLICKHOUSE_PASSWORD: 'p' },
  })
  const opsOf: Record<string, string | false> = { tap: config.tap.ops, ...config.ops, report: config.report.listen }
  for (const stage of stages) {
    const workload = named(manifests, stage === 'tap' ? 'StatefulSet' : 'Deployment', `shadow-${stage}`)
    const { ports } = workload.spec.template.spec.containers[0]!
    const ops = ports.find((port) => port.name === 'ops')!.containerPort
    assert.equal(opsOf[stage], `0.0.0.0:${ops}`)
    const policy = named(manifests, 'NetworkPolicy', `shadow-${stage}`)
    const open = policy.spec.ingress.flatMap((each) => each.ports.map(({ port }) => port))
    assert.deepEqual(
      open.toSorted((a, b) => a - b),
      ports.map(({ containerPort }) => containerPort).toSorted((a, b) => a - b),
      stage,
    )
  }
  assert.equal(config.tap.listen, '0.0.0.0:8787')
  assert.equal(named(manifests, 'Service', 'shadow-tap').spec.ports[0]!.port, 8787)
  assert.ok(config.tap.spool.folder.startsWith('/var/lib/understudy/'))
})

test('what selects pods selects those of its stage and no others', () => {
  const manifests = manifestsOf('scaled')
  const labels = (stage: string) => ({
    'app.kubernetes.io/name': 'understudy',
    'app.kubernetes.io/instance': 'shadow',
    'app.kubernetes.io/component': stage,
  })
  for (const stage of stages) {
    if (stage !== 'report')
      assert.deepEqual(
        named(manifests, 'PodDisruptionBudget', `shadow-${stage}`).spec.selector.matchLabels,
        labels(stage),
      )
    if (stage === 'tap' || stage === 'report')
      assert.deepEqual(named(manifests, 'Service', `shadow-${stage}`).spec.selector, labels(stage))
  }
})

test('workers are scaled by what waits for their consumer group, and never beyond the partitions', () => {
  const manifests = manifestsOf('scaled')
  const seen = ['replay', 'compare', 'record'].map((stage) => {
    const { triggers, maxReplicaCount } = named(manifests, 'ScaledObject', `shadow-${stage}`).spec
    assert.ok(maxReplicaCount <= 8)
    assert.equal(named(manifests, 'Deployment', `shadow-${stage}`).spec.replicas, undefined)
    assert.equal(triggers[0]!.type, 'kafka')
    return [triggers[0]!.metadata['consumerGroup'], triggers[0]!.metadata['topic']]
  })
  // Record reads every topic: the lag of its group as a whole counts.
  assert.deepEqual(seen, [
    ['understudy.replay', 'understudy.exchanges'],
    ['understudy.compare', 'understudy.observations'],
    ['understudy.record', undefined],
  ])
})

test('without a secret no container waits for one, and policies can be left to others', () => {
  const manifests = manifestsOf('open')
  assert.ok(manifests.every(({ kind }) => kind !== 'NetworkPolicy'))
  const report = named(manifests, 'Deployment', 'shadow-report')
  assert.equal(report.spec.template.spec.containers[0]!.envFrom, undefined)
})

test('the image and the chart have the version of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const chart = parse(readFileSync(`${chartFolder}Chart.yaml`, 'utf8')) as { version: string; appVersion: string }
  assert.deepEqual([chart.version, chart.appVersion], [version, version])
})
