import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Where peers are kept between runs; nothing of the project depends on what is in here. */
const cache = 'data/bench/peers'
const run = promisify(execFile)

/**
 * Returns its node_modules. A folder for each, so that one that is out of reach costs no other. `withScripts`: its packages' own
 * programs run, because they fetch or build a part of it.
 */
export async function installFromNpm(
  name: string,
  packages: Record<string, string>,
  timeout = 120_000,
  withScripts = false,
): Promise<string> {
  const folder = join(process.cwd(), cache, 'npm', name)
  const modules = join(folder, 'node_modules')
  const isInstalled = Object.entries(packages).every(([name, version]) => installedVersion(modules, name) === version)
  if (!isInstalled) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const wanted = Object.entries(packages).map(([name, version]) => `${name}@${version}`)
    const flags = ['--no-audit', '--no-fund', '--loglevel=error', ...(withScripts ? [] : ['--ignore-scripts'])]
    await run('npm', ['install', '--prefix', folder, ...flags, ...wanted], { cwd: folder, timeout })
  }
  return modules
}

export function installedVersion(modules: string, name: string): string | null {
  const file = join(modules, name, 'package.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : null
}

/** Returns the folder of its programs, `python` among them. */
export async function installFromPypi(name: string, ...requirements: string[]): Promise<string> {
  const folder = join(process.cwd(), cache, 'pypi', `${name}-${requirements.join('-').replace(/\W+/g, '-')}`)
  const programs = join(folder, 'bin')
  const isDone = join(folder, 'installed')
  if (!existsSync(isDone)) {
    await run('python3', ['-m', 'venv', '--clear', folder], { timeout: 60_000 })
    await run(join(programs, 'pip'), ['install', '--quiet', ...requirements], { timeout: 300_000 })
    writeFileSync(isDone, '')
  }
  return programs
}

/** Null where the program is not installed. */
export function versionOf(program: string, flag: string): string | null {
  try {
    // nginx tells its version on the error output.
    return execFileSync('sh', ['-c', `${program} ${flag} 2>&1`], { encoding: 'utf8' }).trim()
  } catch {
    return null
  }
}
