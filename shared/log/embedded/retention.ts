import { type DatabaseSync } from 'node:sqlite'
import { pragma } from './sqlite.ts'

/** Committed records stay for `keepMs`, unless the file holds more than `keepBytes`. */
export type Retention = { keepMs: number; keepBytes: number }

const maxDeletedAtOnce = 200

/**
 * Removes records that every group which ever read their topic has committed. Records of a topic that nobody reads stay.
 * Returns whether there may be more to remove: small steps, because writers wait meanwhile.
 */
export function createRetention(db: DatabaseSync, { keepMs, keepBytes }: Retention) {
  const remove = db.prepare(`
    DELETE FROM records WHERE id IN (
      SELECT r.id FROM records r
      JOIN (SELECT topic, partition, min(committed) AS settled FROM claims GROUP BY topic, partition) c
        USING (topic, partition)
      WHERE r.offset < c.settled AND r.published_at_ms < ? ORDER BY r.id LIMIT ${maxDeletedAtOnce})`)

  return (nowMs: number): boolean => {
    const usedPages = pragma(db, 'page_count') - pragma(db, 'freelist_count')
    const isTooBig = usedPages * pragma(db, 'page_size') > keepBytes
    const removed = Number(remove.run(isTooBig ? Number.MAX_SAFE_INTEGER : nowMs - keepMs).changes)
    if (removed > 0) db.exec('PRAGMA incremental_vacuum(2000)')
    return removed === maxDeletedAtOnce
  }
}
