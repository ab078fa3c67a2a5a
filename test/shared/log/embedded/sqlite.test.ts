import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { silentLogger } from '../../../../shared/logger.ts'
import { openEmbeddedLog } from '../../../../shared/log/embedded.ts'

function aFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-log-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const open = (file: string) => openEmbeddedLog({ file, logger: silentLogger })

test('missing folders are made', async (context) => {
  const log = await open(join(aFolder(context), 'some', 'where', 'log.db'))
  await log.ping(1_000)
  await log.close()
})

test('a file that is no database is refused and left as it is', async (context) => {
  const file = join(aFolder(context), 'notes.txt')
  writeFileSync(file, 'my notes, not a database '.repeat(100))
  await assert.rejects(open(file), { code: 'LOG_REFUSED', message: /notes\.txt cannot be used.*move the file away/ })
})

test('a database of another program is refused and left as it is', async (context) => {
  const file = join(aFolder(context), 'other.db')
  const other = new DatabaseSync(file)
  other.exec('CREATE TABLE customers (name TEXT)')
  await assert.rejects(open(file), { code: 'LOG_REFUSED', message: /another program; set log\.embedded/ })
  assert.deepEqual(other.prepare('SELECT name FROM sqlite_master').all().length, 1)
  other.close()
})

test('a log written by a later version asks for an upgrade', async (context) => {
  const file = join(aFolder(context), 'log.db')
  await (await open(file)).close()
  const later = new DatabaseSync(file)
  later.exec('PRAGMA user_version = 99')
  later.close()
  await assert.rejects(open(file), { code: 'LOG_REFUSED', message: /format 99, this one reads 1.*upgrade/ })
})

test('a path through a file, and a folder in place of the file, are told apart from a broken log', async (context) => {
  const folder = aFolder(context)
  writeFileSync(join(folder, 'file'), '')
  mkdirSync(join(folder, 'log.db'))
  await assert.rejects(open(join(folder, 'file', 'log.db')), {
    code: 'LOG_UNAVAILABLE',
    message: /folder .*file cannot be made \((ENOTDIR|EEXIST)\); check that log\.embedded is a writable file/,
  })
  await assert.rejects(open(join(folder, 'log.db')), { code: 'LOG_UNAVAILABLE', message: /cannot be opened/ })
})

test('a folder without the right to write is named', async (context) => {
  const folder = aFolder(context)
  chmodSync(folder, 0o555)
  // Rights do not hold root back: be somebody else for a moment.
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid!(65_534)
  try {
    await assert.rejects(open(join(folder, 'log.db')), { code: 'LOG_UNAVAILABLE', message: /cannot be made in/ })
  } finally {
    if (isRoot) process.seteuid!(0)
    chmodSync(folder, 0o755)
  }
})

test('a log that became read-only can be neither opened nor written', async (context) => {
  const folder = aFolder(context)
  const file = join(folder, 'log.db')
  await (await open(file)).close()
  chmodSync(file, 0o444)
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid!(65_534)
  try {
    await assert.rejects(open(file), { code: 'LOG_UNAVAILABLE', message: /log\.db cannot be used/ })
  } finally {
    if (isRoot) process.seteuid!(0)
  }
})

test('a file whose lock is held by a writer is waited for', async (context) => {
  const file = join(aFolder(context), 'log.db')
  const log = await open(file)
  const writer = new DatabaseSync(file)
  writer.exec('BEGIN IMMEDIATE')
  const published = log.publish('exchanges', [{ key: 'a', value: '{}' }])
  await assert.rejects(log.ping(200), { code: 'LOG_UNAVAILABLE', message: /no answer in 200 ms.*locked/ })
  writer.exec('ROLLBACK')
  writer.close()
  await published
  assert.equal(await log.lag('anybody', 'exchanges'), 1)
  await log.close()
})
