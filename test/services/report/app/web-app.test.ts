import { equal, match, ok } from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { after, before, test } from 'node:test'
import { startReport } from '../../../../services/report/main.ts'
import { Config } from '../../../../shared/config/schema.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'
import { migratedStore } from '../../../support/migrated-store.ts'
import { ask } from '../../../support/report-access.ts'

process.env['TEST_APP_ANA'] = 'a'.repeat(32)
const config = Config.parse({
  tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
  providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
  control: { provider: 'openai' },
  candidates: [{ name: 'small', provider: 'openai', model: 'small-1' }],
  report: { listen: '127.0.0.1:0', access: { tokens: [{ name: 'ana', fromEnv: 'TEST_APP_ANA', role: 'viewer' }] } },
})
const store = await migratedStore()
const root = mkdtempSync(join(tmpdir(), 'understudy-web-'))
const webFolder = join(root, 'dist')
const script = 'console.log("the dashboard")'
const unused = () => Promise.reject(new Error('not looked at here'))
const start = (webFolder: string) =>
  startReport({ config, store, logger, webFolder, intake: { take: unused }, arms: { list: unused, setPaused: unused } })
let built: Awaited<ReturnType<typeof start>>
let unbuilt: Awaited<ReturnType<typeof start>>

before(async () => {
  mkdirSync(join(webFolder, 'assets'), { recursive: true })
  writeFileSync(join(webFolder, 'index.html'), '<!doctype html><title>the app</title>')
  writeFileSync(join(webFolder, 'assets/index-abc123.js'), script)
  writeFileSync(join(webFolder, 'assets/index-abc123.js.br'), brotliCompressSync(script))
  writeFileSync(join(webFolder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  writeFileSync(join(root, 'secret.txt'), 'not for anybody')
  built = await start(webFolder)
  unbuilt = await start(join(root, 'nothing'))
})
after(async () => {
  await built.stop()
  await unbuilt.stop()
  rmSync(root, { recursive: true, force: true })
})

const html = { accept: 'text/html,*/*' }
const get = (path: string, headers: Record<string, string> = {}) => ask(`${built.url}${path}`, { headers })

test('the dashboard is at / and at every place within it, under a policy that lets nothing foreign run', async () => {
  for (const path of ['/', '/candidates/small', '/pairs/0198c0de-0000-7000-8000-000000000000?sort=worst']) {
    const { status, headers, text } = await get(path, html)
    equal(status, 200, path)
    match(text, /the app/)
    const policy = String(headers['content-security-policy'])
    match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/)
    match(policy, /frame-ancestors 'none'$/)
    ok(!policy.includes('unsafe'))
    equal(headers['cache-control'], 'no-cache')
    equal(headers['x-content-type-options'], 'nosniff')
  }
})

test('files whose names tell what is in them are kept for ever, and come compressed', async () => {
  const plain = await get('/assets/index-abc123.js')
  equal(plain.text, script)
  match(String(plain.headers['content-type']), /javascript/)
  equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable')
  const compressed = await get('/assets/index-abc123.js', { 'accept-encoding': 'br' })
  equal(compressed.headers['content-encoding'], 'br')
  match(String(compressed.headers['content-type']), /javascript/)
  equal((await get('/icon.svg')).headers['cache-control'], 'no-cache')
})

test('nothing else is sent: no file outside, no page in place of data or of a script that is gone', async () => {
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/index-old.js',
    '/api/v1/nothing',
    '/v1/nothing',
    '/nothing.txt',
  ]) {
    const { status, text } = await get(path, path.startsWith('/nothing') ? {} : html)
    ok(!text.includes('not for anybody'), path)
    if (!path.includes('/../') && !path.includes('%2e')) {
      equal(status, 404, path)
      match(text, /NOT_FOUND/)
    }
  }
})

test('what the dashboard shows needs more than the dashboard, and the report without scripts has its place', async () => {
  equal((await get('/api/v1/report')).status, 401)
  equal((await get('/report')).status, 401)
  const report = await get('/report', { authorization: `Bearer ${'a'.repeat(32)}` })
  match(report.text, /Equivalence summary/)
})

test('where the dashboard was not built, / is the report', async () => {
  equal((await ask(`${unbuilt.url}/`)).status, 401)
  const report = await ask(`${unbuilt.url}/`, { headers: { authorization: `Bearer ${'a'.repeat(32)}` } })
  match(report.text, /Equivalence summary/)
  equal((await ask(`${unbuilt.url}/candidates/small`, { headers: html })).status, 404)
})
