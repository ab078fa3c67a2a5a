import { type DatabaseSync } from 'node:sqlite'
import { stateTopics, type Topic, topics } from '../topic-log.ts'
import { type Claim, createMembership, type Member } from './membership.ts'
import { type PackedRecords, type UnpackedRecord, unpackRecords } from './packed-records.ts'
import { createRetention, type Retention } from './retention.ts'
import { explained, openDatabase, pragma, transaction } from './sqlite.ts'

export type DatabaseOptions = { file: string; leaseMs: number; retention: Retention }
export type StoredRecord = {
  offset: number
  key: string
  headers: string
  published_at_ms: number
  value: Uint8Array<ArrayBuffer>
}
export type Batch = { claim: Claim; records: StoredRecord[] }

/** Fixed for the life of a file: a key must keep its partition. */
const partitionCount = 8
/** A fetch ends early once its values hold this much, so that large records cannot exhaust the memory. */
const maxFetchBytes = 32 * 1024 * 1024

/** Everything the embedded log does to its file. Synchronous: runs in a worker thread, away from the data path. */
export function createLogDatabase({ file, leaseMs, retention }: DatabaseOptions) {
  const db = openDatabase(file)
  const statements = explained(file, () => prepareStatements(db))
  const membership = explained(file, () => createMembership(db, leaseMs))
  const sweepOnce = explained(file, () => createRetention(db, retention))

  const atomically = <T>(work: () => T): T => explained(file, () => transaction(db, work))
  /** For what may be repeated if a power cut undoes it: no wait for the disk. The next FULL commit covers it. */
  const atomicallyWithoutSync = <T>(work: () => T): T =>
    explained(file, () => {
      db.exec('PRAGMA synchronous = NORMAL')
      try {
        return transaction(db, work)
      } finally {
        db.exec('PRAGMA synchronous = FULL')
      }
    })

  function prepare(): void {
    atomically(() => {
      for (const topic of [...topics, ...stateTopics]) {
        for (let partition = 0; partition < partitionCount; partition++) statements.addPartition.run(topic, partition)
      }
    })
  }

  function publish(topic: Topic, records: PackedRecords): void {
    const byPartition = Object.groupBy(unpackRecords(records), ({ key }) => partitionOf(topic, key))
    atomically(() => {
      for (const [partition, records] of Object.entries(byPartition)) append(topic, Number(partition), records!)
    })
  }

  function append(topic: Topic, partition: number, records: UnpackedRecord[]): void {
    const { end } = statements.takeOffsets.get(records.length, topic, partition) as { end: number }
    let offset = end - records.length
    for (const { key, headers, value } of records) {
      statements.addRecord.run(topic, partition, offset, Date.now(), key, headers, value)
      offset += 1
    }
  }

  function refreshMember(member: Member, busy: Claim[]): Claim[] {
    return atomicallyWithoutSync(() => membership.refreshMember(member, busy, Date.now()))
  }

  /** The next records of so many partitions that the member owns, a batch for each. `after` makes the partitions take turns. */
  function fetch({ group, member }: Member, maxRecords: number, maxBatches: number, after: Claim | null): Batch[] {
    return explained(file, () => {
      const ready = statements.ready.all(group, member) as (Claim & { committed: number })[]
      const batches: Batch[] = []
      const room = { bytes: maxFetchBytes }
      for (const { committed, ...claim } of inTurn(ready, after)) {
        const records = readBatch(claim, committed, maxRecords, room)
        if (records.length > 0) batches.push({ claim, records })
        if (batches.length === maxBatches || room.bytes <= 0) break
      }
      return batches
    })
  }

  function readBatch(
    { topic, partition }: Claim,
    from: number,
    maxRecords: number,
    room: { bytes: number },
  ): StoredRecord[] {
    const records: StoredRecord[] = []
    for (const row of statements.read.iterate(topic, partition, from, maxRecords)) {
      const record = row as unknown as StoredRecord
      records.push(record)
      room.bytes -= record.value.length
      if (room.bytes <= 0) break
    }
    return records
  }

  /** False if the partition has another owner by now: the records will be, or were, handled there. */
  function commit({ group, member }: Member, { topic, partition, epoch }: Claim, nextOffset: number): boolean {
    return atomicallyWithoutSync(
      () => statements.commit.run(nextOffset, group, topic, partition, member, epoch).changes === 1,
    )
  }

  function leave(member: Member): void {
    atomicallyWithoutSync(() => membership.leave(member))
  }

  function lag(group: string, topic: Topic): number {
    return explained(file, () => (statements.lag.get(group, topic) as { lag: number }).lag)
  }

  function ping(): void {
    explained(file, () => statements.lag.get('', topics[0]))
  }

  const sweep = (): boolean => atomicallyWithoutSync(() => sweepOnce(Date.now()))
  /** Changes when another process, or another connection of this one, has committed something. */
  const dataVersion = (): number => pragma(db, 'data_version')
  const close = (): void => db.close()

  prepare()
  return { prepare, publish, refreshMember, fetch, commit, leave, lag, ping, sweep, dataVersion, close }
}
export type LogDatabase = ReturnType<typeof createLogDatabase>

function prepareStatements(db: DatabaseSync) {
  return {
    addPartition: db.prepare('INSERT INTO partitions (topic, partition) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    takeOffsets: db.prepare(`
      UPDATE partitions SET next_offset = next_offset + ? WHERE topic = ? AND partition = ?
      RETURNING next_offset AS end`),
    addRecord: db.prepare(`
      INSERT INTO records (topic, partition, offset, published_at_ms, key, headers, value)
      VALUES (?, ?, ?, ?, ?, ?, ?)`),
    ready: db.prepare(`
      SELECT c.topic, c.partition, c.epoch, c.committed FROM claims c JOIN partitions p USING (topic, partition)
      WHERE c.consumer_group = ? AND c.member = ? AND p.next_offset > c.committed ORDER BY c.topic, c.partition`),
    read: db.prepare(`
      SELECT offset, key, headers, published_at_ms, value FROM records
      WHERE topic = ? AND partition = ? AND offset >= ? ORDER BY offset LIMIT ?`),
    commit: db.prepare(`
      UPDATE claims SET committed = ?
      WHERE consumer_group = ? AND topic = ? AND partition = ? AND member = ? AND epoch = ?`),
    lag: db.prepare(`
      SELECT coalesce(sum(p.next_offset - coalesce(c.committed,
        (SELECT min(offset) FROM records r WHERE r.topic = p.topic AND r.partition = p.partition),
        p.next_offset)), 0) AS lag
      FROM partitions p LEFT JOIN claims c
        ON c.consumer_group = ? AND c.topic = p.topic AND c.partition = p.partition
      WHERE p.topic = ?`),
  }
}

/** FNV-1a over the key's bytes. Notes of workers are in one partition, as on Kafka: their readers count on their order. */
function partitionOf(topic: Topic, key: string): number {
  if (stateTopics.some((state) => state === topic)) return 0
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0) % partitionCount
}

/** The list turned so that what comes after `last` is first. */
function inTurn<T extends Claim>(ready: T[], last: Claim | null): T[] {
  if (!last) return ready
  const isAfter = (claim: Claim) =>
    claim.topic > last.topic || (claim.topic === last.topic && claim.partition > last.partition)
  return [...ready.filter(isAfter), ...ready.filter((claim) => !isAfter(claim))]
}
