import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * A Python that has the packages of `requirements` (a file of pinned versions), installed with pip the first time. Where
 * there is none, why: a sentence for tests that are skipped. With UNDERSTUDY_REQUIRE_PYTHON=1 that is an error instead.
 */
export async function pythonWith(requirements: string): Promise<{ python: string } | { missing: string }> {
  const found = await run('python3', ['--version']).then(
    () => install(requirements),
    () => ({ missing: 'python3 is not on the path' }),
  )
  if ('missing' in found && process.env.UNDERSTUDY_REQUIRE_PYTHON === '1') throw new Error(found.missing)
  return found
}

async function install(requirements: string): Promise<{ python: string } | { missing: string }> {
  const folder = folderFor(requirements)
  const python = join(folder, 'bin', 'python')
  if (existsSync(python)) return { python }
  const incoming = `${folder}.${process.pid}`
  mkdirSync(dirname(folder), { recursive: true })
  try {
    await run('python3', ['-m', 'venv', incoming])
    await run(join(incoming, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--requirement', requirements])
    // In one step, so that a folder of this name is always complete.
    renameSync(incoming, folder)
  } catch (err) {
    rmSync(incoming, { recursive: true, force: true })
    const said = ((err as { stderr?: string }).stderr ?? '').trim().split('\n').at(-1)
    if (!existsSync(python)) return { missing: `pip cannot install the packages of ${requirements}: ${said}` }
  }
  return { python }
}

/** Other versions, other folder. */
function folderFor(requirements: string): string {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  return join(cache, 'understudy', `python-${hash}`)
}
