import { type DatabaseSync } from 'node:sqlite'
import { type Topic } from '../topic-log.ts'

/** A partition that a member may read and commit. `epoch` changes with every owner. */
export type Claim = { topic: Topic; partition: number; epoch: number }
export const isSame = (one: Claim, other: Claim): boolean =>
  one.topic === other.topic && one.partition === other.partition && one.epoch === other.epoch

export type Member = { group: string; member: string; topics: readonly Topic[] }

type ClaimRow = { topic: Topic; partition: number; member: string | null; epoch: number }
type MemberRow = { member: string; topics: string }

/**
 * Who owns which partition. Each member looks at the same list of living members and takes or gives back what the same
 * rule assigns to it, so nobody leads. The caller wraps each call in one transaction.
 */
export function createMembership(db: DatabaseSync, leaseMs: number) {
  const registerGroup = db.prepare(`
    INSERT INTO claims (consumer_group, topic, partition, committed)
    SELECT ?, topic, partition, coalesce(
      (SELECT min(offset) FROM records r WHERE r.topic = p.topic AND r.partition = p.partition), next_offset)
    FROM partitions p WHERE topic = ? ON CONFLICT DO NOTHING`)
  const refresh = db.prepare(`
    INSERT INTO members (consumer_group, member, topics, expires_at_ms) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET expires_at_ms = excluded.expires_at_ms`)
  const removeMember = db.prepare('DELETE FROM members WHERE consumer_group = ? AND member = ?')
  // Far in the future: the clock was set back since.
  const removeExpired = db.prepare(
    'DELETE FROM members WHERE consumer_group = ? AND (expires_at_ms <= ? OR expires_at_ms > ?)',
  )
  const freeOrphans = db.prepare(`
    UPDATE claims SET member = NULL WHERE consumer_group = ?1 AND member IS NOT NULL
    AND member NOT IN (SELECT member FROM members WHERE consumer_group = ?1)`)
  const livingMembers = db.prepare('SELECT member, topics FROM members WHERE consumer_group = ? ORDER BY member')
  const claims = db.prepare(
    'SELECT topic, partition, member, epoch FROM claims WHERE consumer_group = ? ORDER BY topic, partition',
  )
  const free = db.prepare('UPDATE claims SET member = NULL WHERE consumer_group = ? AND topic = ? AND partition = ?')
  const take = db.prepare(
    'UPDATE claims SET member = ?, epoch = epoch + 1 WHERE consumer_group = ? AND topic = ? AND partition = ?',
  )

  /** Says that the member lives, and moves its share towards what is fair. `busy` is not given back yet. */
  function refreshMember({ group, member, topics }: Member, busy: Claim[], nowMs: number): Claim[] {
    for (const topic of topics) registerGroup.run(group, topic)
    refresh.run(group, member, JSON.stringify(topics), nowMs + leaseMs)
    removeExpired.run(group, nowMs, nowMs + 2 * leaseMs)
    freeOrphans.run(group)
    const living = livingMembers.all(group) as MemberRow[]
    const rows = claims.all(group) as ClaimRow[]
    return rows.flatMap((row, index) => settle(row, index, living, { group, member }, busy))
  }

  function settle(
    row: ClaimRow,
    index: number,
    living: MemberRow[],
    { group, member }: { group: string; member: string },
    busy: Claim[],
  ): Claim[] {
    const { topic, partition, epoch } = row
    const able = living.filter((other) => (JSON.parse(other.topics) as Topic[]).includes(topic))
    const isMine = able[index % able.length]?.member === member
    const isBusy = busy.some((held) => isSame(held, { topic, partition, epoch }))
    if (row.member === member && (isMine || isBusy)) return [{ topic, partition, epoch }]
    if (row.member === member) free.run(group, topic, partition)
    if (row.member !== null || !isMine) return []
    take.run(member, group, topic, partition)
    return [{ topic, partition, epoch: epoch + 1 }]
  }

  function leave({ group, member }: Member): void {
    removeMember.run(group, member)
    freeOrphans.run(group)
  }

  return { refreshMember, leave }
}
