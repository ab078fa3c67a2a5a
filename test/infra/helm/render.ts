// node test/infra/helm/render.ts: renders the chart with helm (on the path) into test/fixtures/helm, which the tests then check.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { chartDigest, chartFolder, renderings } from './chart.ts'

const folder = new URL('../../fixtures/helm/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const [name, values] of renderings) {
  const text = execFileSync(
    'helm',
    ['template', 'shadow', chartFolder, '--namespace', 'llm', '--kube-version', '1.29.0', ...values],
    {
      encoding: 'utf8',
    },
  )
  writeFileSync(new URL(`${name}.yaml`, folder), `# digest of the chart: ${chartDigest()}\n${text}`)
}
