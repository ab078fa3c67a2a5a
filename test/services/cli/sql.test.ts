import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { understudy } from '../../support/understudy.ts'

const root = mkdtempSync(join(tmpdir(), 'understudy-sql-'))
after(() => rmSync(root, { recursive: true, force: true }))
const config = join(root, 'understudy.yaml')
writeFileSync(
  config,
  `tap: { upstreams: { openai: { dialect: openai, baseUrl: 'http://127.0.0.1:1' } }, spool: { folder: ./spool } }
log: { embedded: ./log.db }
store: { embedded: ./store, listen: '127.0.0.1:1' }
providers: { openai: { dialect: openai, baseUrl: 'http://127.0.0.1:1/v1', apiKey: x } }
control: { provider: openai }
candidates: [{ name: mini, provider: openai, model: gpt-4o-mini }]
`,
)
const store = await openEmbedded(join(root, 'store'), 'embedded')
await migrate(store)
await store.close()

const sql = (query: string) => understudy('sql', '--config', config, query)

test('a view is answered in the format that was asked for', async () => {
  const { code, stdout } = await sql("SELECT exchanges FROM equivalence_summary(candidate='mini', since='2026-01-01')")
  assert.deepEqual([code, stdout], [0, 'exchanges\n0\n'])
})

test('a view that is misspelt, or asked without what it takes, is told with all views and what each takes', async () => {
  for (const [query, told] of [
    ["SELECT * FROM equivalence_summary(candidate='mini')", /`since` is not set/],
    ["SELECT * FROM equivalence_sumary(candidate='mini', since='2026-01-01')", /Unknown table function/],
    ['SELECT * FROM equivalence_summary', /Empty list of columns/],
    ['SELECT * FROM comparison', /comparison/],
  ] as const) {
    const { code, stderr } = await sql(query)
    assert.equal(code, 1)
    assert.match(stderr, told)
    assert.match(stderr, /equivalence_summary\(candidate, since\), .*ledger_balance, .*noise_floor\(since\)/)
    assert.match(stderr, /worst_differences\(candidate, since, n\)/)
    assert.doesNotMatch(stderr, /from_rows|grid/)
  }
})

test('what has nothing to do with a view is told as ClickHouse tells it', async () => {
  const { code, stderr } = await sql('SELEC 1')
  assert.equal(code, 1)
  assert.match(stderr, /Syntax error/)
  assert.doesNotMatch(stderr, /Views/)
})
