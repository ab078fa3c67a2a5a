import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'

const services = ['tap', 'replay', 'compare', 'record', 'report']

type Import = { from: string; to: string; typeOnly: boolean }

const sources = globSync('{services,shared}/**/*.ts').filter((file) => !file.includes('/web/'))
const imports: Import[] = sources.flatMap((file) =>
  [
    ...readFileSync(file, 'utf8').matchAll(
      /^(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm,
    ),
  ].map((match) => {
    const name = match[2] ?? match[3]!
    return { from: file, to: name.startsWith('.') ? normalize(join(dirname(file), name)) : name, typeOnly: !!match[1] }
  }),
)

const broken = (rule: (found: Import) => boolean): string[] =>
  imports.filter(rule).map((found) => `${found.from} imports ${found.to}`)

test('a service never imports another service', () => {
  const serviceOf = (path: string): string | undefined => services.find((name) => path.startsWith(`services/${name}/`))
  assert.deepEqual(
    broken(({ from, to }) => {
      const [here, there] = [serviceOf(from), serviceOf(to)]
      return here !== undefined && (to.startsWith('services/cli/') || (there !== undefined && there !== here))
    }),
    [],
  )
})

test('shared never imports a service', () => {
  assert.deepEqual(
    broken(({ from, to }) => from.startsWith('shared/') && to.startsWith('services/')),
    [],
  )
})

test('contracts import zod and one another, nothing else', () => {
  assert.deepEqual(
    broken(
      ({ from, to }) => from.startsWith('shared/contracts/') && to !== 'zod' && !to.startsWith('shared/contracts/'),
    ),
    [],
  )
})

test('only main.ts of a service opens the log or the store or reads the config file', () => {
  const edges = [
    'shared/log/open.ts',
    'shared/store/open.ts',
    'shared/config/load.ts',
    'shared/log/kafka.ts',
    'shared/log/embedded.ts',
  ]
  assert.deepEqual(
    broken(
      ({ from, to }) =>
        from.startsWith('services/') &&
        !from.startsWith('services/cli/') &&
        !from.endsWith('/main.ts') &&
        edges.includes(to),
    ),
    [],
  )
})

test('kafkajs is known to one file', () => {
  assert.deepEqual(
    [...new Set(imports.filter(({ to }) => to === 'kafkajs').map(({ from }) => from))],
    ['shared/log/kafka.ts'],
  )
})

test('the root of natural, which loads database drivers, is never imported', () => {
  assert.deepEqual(
    broken(({ to }) => to === 'natural'),
    [],
  )
})

test('a provider is named only in adapters, dialects, prices, contracts and config', () => {
  const allowed = /^(shared\/(providers|dialects|pricing|contracts|config)|services\/cli)\//
  const naming = sources.filter((file) => {
    if (allowed.test(file)) return false
    // Code only: a comment may explain a vendor's behaviour.
    const code = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    return /=== '(openai|anthropic)/i.test(code)
  })
  assert.deepEqual(naming, [])
})

test('each program begins by telling V8 where objects are made', () => {
  const programs = ['services/cli/main.ts', 'services/tap/cluster/main.ts']
  const first = programs.map((file) => imports.find(({ from }) => from === file)?.to)
  assert.deepEqual(
    first,
    programs.map(() => 'shared/young-objects.ts'),
  )
})

test('nothing that reads comparisons joins anything but sums', () => {
  const files = globSync(['services/report/**/*.ts', 'sql/views/*.sql']).filter((file) => !file.includes('ledger'))
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    for (const [join] of text.matchAll(/(?<!ARRAY )\bJOIN\b[^\n]*/g))
      assert.match(join, /^JOIN \(SELECT .* GROUP BY /, file)
  }
})
