import { deepEqual, equal, match, ok, throws } from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

const launcher = new URL('../../../services/cli/understudy.js', import.meta.url).pathname
const fixture = new URL('../../fixtures/wire/b09-openai-compatible-usage-excludes-reasoning.json', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'understudy-launcher-'))
after(() => rmSync(folder, { recursive: true }))

/** This Node, taken for an older one by whatever it runs first. */
const asOlder = [
  '--import',
  'data:text/javascript,if (process.argv[1].endsWith("understudy.js")) ' +
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.19.0" } })',
]

function run(file: string, args: string[], flags: string[] = []) {
  return spawnSync(process.execPath, [...flags, file, ...args], { encoding: 'utf8', cwd: folder, input: '{}' })
}

test('on an older Node the program runs all the same, on the one that came with it: output and exit codes are its own', () => {
  for (const flags of [[], asOlder]) {
    const version = run(launcher, ['--version'], flags)
    equal(version.status, 0, version.stderr)
    match(version.stdout, /^\d+\.\d+\.\d+/)
    const refused = run(launcher, ['read', '--dialect', 'no-such-dialect', fixture.pathname], flags)
    equal(refused.status, 2)
    match(refused.stderr, /no-such-dialect/)
  }
})

test('what was compiled is kept beside the packages, where only who installed them can write', () => {
  equal(run(launcher, ['--version']).status, 0)
  const kept = new URL('../../../node_modules/.cache/compiled', import.meta.url)
  const files = readdirSync(kept, { recursive: true, encoding: 'utf8' })
  ok(files.length > 50, `${files.length} files`)
})

test('a signal to the launcher ends the program, and the launcher ends as it did', async () => {
  const child = spawn(process.execPath, [...asOlder, launcher, 'read', '--dialect', 'openai-chat', '-'])
  let programs: number[] = []
  while (programs.length === 0) programs = await programsUnder(child.pid!)
  child.kill('SIGTERM')
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  deepEqual([code, signal], [null, 'SIGTERM'])
  for (const pid of programs) throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

async function programsUnder(pid: number): Promise<number[]> {
  await sleep(20)
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number))
  return rows.flatMap(([id, parent]) => (parent === pid ? [id!] : []))
}

test('an older Node without the one that comes along says what to do, and no stack', () => {
  const bare = join(folder, 'bare/services/cli')
  mkdirSync(bare, { recursive: true })
  cpSync(launcher, join(bare, 'understudy.js'))
  cpSync(new URL('../../../package.json', import.meta.url), join(folder, 'bare/package.json'))
  const { status, stderr } = run(join(bare, 'understudy.js'), ['--version'], asOlder)
  equal(status, 2)
  match(stderr, /^understudy needs Node 26 or newer and runs on v\d+.*: run `npm ci` in .*bare/)
  equal(stderr.trim().split('\n').length, 1)
})
