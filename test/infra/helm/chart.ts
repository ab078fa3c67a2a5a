import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const chartFolder = fileURLToPath(new URL('../../../infra/helm/understudy/', import.meta.url))

/** What the chart is rendered with in tests: as it comes, and with everything that can be switched on. */
export const renderings: readonly [name: string, values: string[]][] = [
  ['default', []],
  [
    'scaled',
    [
      '--set',
      'scaling.enabled=true',
      '--set',
      'tap.spool.storageClassName=fast',
      '--set',
      'networkPolicy.appPods.matchLabels.app=web',
    ],
  ],
  ['open', ['--set', 'networkPolicy.enabled=false', '--set', 'secretName=']],
]

/** Of every file of the chart: whoever changes one renders it again. */
export function chartDigest(): string {
  const hash = createHash('sha256')
  const files = readdirSync(chartFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const file of files.map(({ parentPath, name }) => join(parentPath, name)).toSorted((a, b) => (a < b ? -1 : 1))) {
    hash.update(file.slice(chartFolder.length)).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}
