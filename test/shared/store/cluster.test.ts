import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { onCluster } from '../../../shared/store/cluster.ts'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { knownMigrations, knownViews, splitStatements } from '../../../shared/store/migrations.ts'
import { type Store } from '../../../shared/store/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-cluster-'))
let store: Store
before(async () => {
  store = await openEmbedded(folder, 'embedded')
})
after(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const everyStatement = [...knownMigrations(), ...knownViews()].flatMap(({ name, sql }) =>
  splitStatements(sql).map((statement) => ({ name, statement })),
)

test('a table is replicated on each shard, and one over all of them has its name', () => {
  const [local, over, ...others] = onCluster(
    `CREATE TABLE IF NOT EXISTS scores
(
    -- Of the score.
    score_id UUID,
    arm LowCardinality(String)
)
ENGINE = ReplacingMergeTree(imported_at)
ORDER BY (arm, score_id)
SETTINGS non_replicated_deduplication_window = 1000`,
    'main',
  )
  assert.deepEqual(others, [])
  assert.match(local!, /^CREATE TABLE IF NOT EXISTS scores_local ON CLUSTER 'main'\n\(/)
  assert.match(local!, /ENGINE = ReplicatedReplacingMergeTree\(imported_at\)/)
  assert.match(local!, /SETTINGS replicated_deduplication_window = 1000$/)
  assert.equal(
    over,
    "CREATE TABLE IF NOT EXISTS scores ON CLUSTER 'main' AS scores_local ENGINE = Distributed('main', currentDatabase(), 'scores_local', cityHash64(score_id))",
  )
})

test('a column is added to both, a time to live only where rows are', () => {
  assert.deepEqual(onCluster('ALTER TABLE t ADD COLUMN IF NOT EXISTS c String', 'main'), [
    "ALTER TABLE t_local ON CLUSTER 'main' ADD COLUMN IF NOT EXISTS c String",
    "ALTER TABLE t ON CLUSTER 'main' ADD COLUMN IF NOT EXISTS c String",
  ])
  assert.deepEqual(onCluster('ALTER TABLE t MODIFY TTL at + toIntervalDay(3)', 'main'), [
    "ALTER TABLE t_local ON CLUSTER 'main' MODIFY TTL at + toIntervalDay(3)",
  ])
  assert.deepEqual(onCluster("DELETE FROM t WHERE a = 'x'", 'main'), [
    "DELETE FROM t_local ON CLUSTER 'main' WHERE a = 'x'",
  ])
})

test('a table that goes, goes from all shards', () => {
  assert.deepEqual(onCluster('DROP TABLE IF EXISTS t SYNC', 'main'), [
    "DROP TABLE IF EXISTS t ON CLUSTER 'main' SYNC",
    "DROP TABLE IF EXISTS t_local ON CLUSTER 'main' SYNC",
  ])
})

test('what is added up in the engine goes from the table over all shards to the one over all shards', () => {
  const statement = 'INSERT INTO sums (a) SELECT sum(a) FROM t'
  assert.deepEqual(onCluster(statement, 'main'), [statement])
})

test('a view asks the table over all shards; what is added up on the way in is added up where the rows are', () => {
  assert.deepEqual(onCluster('CREATE OR REPLACE VIEW v AS SELECT 1 FROM t', 'main'), [
    "CREATE OR REPLACE VIEW v ON CLUSTER 'main' AS SELECT 1 FROM t",
  ])
  assert.deepEqual(onCluster('CREATE MATERIALIZED VIEW IF NOT EXISTS v TO hours AS SELECT 1 FROM t', 'main'), [
    "CREATE MATERIALIZED VIEW IF NOT EXISTS v ON CLUSTER 'main' TO hours_local AS SELECT 1 FROM t_local",
  ])
})

test('the name of the cluster cannot end the text it stands in', () => {
  assert.deepEqual(onCluster('TRUNCATE TABLE t', "a'b"), [String.raw`TRUNCATE TABLE t_local ON CLUSTER 'a\'b'`])
})

test('every statement of sql has its form on a cluster, and the engine can read it', async () => {
  assert.ok(everyStatement.length > 20)
  for (const { name, statement } of everyStatement) {
    for (const form of onCluster(statement, 'main')) {
      const tree = await store.queryText(`EXPLAIN AST ${form}`, 'TSVRaw')
      assert.match(tree, /^(CreateQuery|AlterQuery|InsertQuery|DropQuery)/, name)
    }
  }
})
