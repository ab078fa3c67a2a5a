import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Check } from '../../../../services/cli/checks/check.ts'
import { checkDisks } from '../../../../services/cli/checks/disk.ts'
import { type Config } from '../../../../shared/config/schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-disk-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** A file system of its own, seen by one process only: where the kernel lets anybody make one. */
const alone = (script: string, ...args: string[]) =>
  spawnSync('unshare', ['-rm', 'sh', '-c', script, process.execPath, ...args], { encoding: 'utf8' })
const skip = alone(`mount -t tmpfs -o size=1m tmpfs ${folder}`).status === 0 ? false : 'needs user namespaces (Linux)'
const program = new URL('on-disk.ts', import.meta.url).pathname

type Told = { what: string; code: string | null; message: string; checks: Check[] }

function onDisk(mount: string, ...args: string[]): Told[] {
  const { stdout, stderr } = alone(`${mount} && exec "$0" "$@"`, program, folder, ...args)
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  equal(lines.length, 3, stderr)
  return lines.map((line) => JSON.parse(line) as Told)
}

test('a disk that is full is told as such by store, log and doctor, with what to do', { skip }, () => {
  const [store, log, doctor] = onDisk(`mount -t tmpfs -o size=96m tmpfs ${folder}`, '500000') as [Told, Told, Told]
  equal(store.code, 'STORE_UNAVAILABLE')
  match(store.message, /the store's disk is full .*: free some space, lower retention\.bodiesDays/)
  equal(log.code, 'LOG_UNAVAILABLE')
  match(log.message, /the disk is full; free some space/)
  for (const check of doctor.checks) {
    equal(check.state, 'fail')
    match(check.detail, /the disk is full: 0 MiB free/)
    match(check.cure!, /lower retention\.bodiesDays/)
  }
})

test('a disk that is read-only is told as such by store, log and doctor', { skip }, () => {
  const readOnly = `mount -t tmpfs -o size=96m tmpfs ${folder} && mkdir ${folder}/store && mount -o remount,ro ${folder}`
  const [store, log, doctor] = onDisk(readOnly) as [Told, Told, Told]
  equal(store.code, 'STORE_UNAVAILABLE')
  match(store.message, /its file system is mounted read-only.*make it a folder this user may write to/)
  equal(log.code, 'LOG_UNAVAILABLE')
  match(log.message, /cannot be made in/)
  for (const check of doctor.checks) {
    equal(check.state, 'fail')
    match(check.detail, /mounted read-only/)
  }
})

test('folders that are not there yet are looked for where they will be; a file in their place is told', () => {
  const place = join(folder, 'file')
  writeFileSync(place, '')
  const config = (path: string) => ({
    store: { embedded: join(path, 'store'), listen: '127.0.0.1:1' },
    log: { embedded: join(path, 'log.db') },
    tap: { spool: { folder: join(path, 'spool') } } as Config['tap'],
  })
  const states = (path: string) => checkDisks(config(path)).map(({ state }) => state)
  ok(states(join(folder, 'not', 'there')).every((state) => state !== 'fail'))
  deepEqual(states(place), ['fail', 'fail', 'fail'])
})
