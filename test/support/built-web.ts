import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { buildWeb } from '../../services/report/web/build.ts'

const root = join(import.meta.dirname, '../..')
const sources = ['services/report/**/*.{ts,tsx,css,html,svg}', 'shared/contracts/*.ts', 'package-lock.json']

/** Whether the dashboard is there as its sources are now: it is built anew where one of them is newer. */
export async function builtWeb(): Promise<boolean> {
  const builtAtMs = changedAtMs('services/report/web/dist/index.html')
  const files = globSync(sources, { cwd: root, exclude: ['services/report/web/dist/**'] })
  return builtAtMs >= Math.max(...files.map(changedAtMs)) || (await buildWeb())
}

/** -1: it is not there. */
function changedAtMs(file: string): number {
  return statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? -1
}
