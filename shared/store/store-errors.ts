import { UnderstudyError } from '../errors.ts'

/** Said by the engine while it read the rows, whatever the code: the same rows will be refused for ever. */
const refusedRows = /\(at row \d+\)|while reading the value of key|ParallelParsingBlockInputFormat/

/** As the system says it, whatever the engine's code. */
const noSpace = /No space left on device|Disk quota exceeded/i
const notWritable = /\b(EROFS|EACCES|EPERM|EIO)\b.*\b(open|write|mkdir)\b/

/** Codes that say "not now": overload, memory, disk, network, authentication, read-only replica. */
const notNow = new Set([
  159, 192, 193, 194, 202, 203, 209, 210, 225, 236, 241, 242, 243, 244, 252, 279, 285, 286, 319, 394, 425, 439, 516,
  574, 745, 999,
])

const rights = 'give this user the right to it, or correct store.clickhouse.username and password'
/** What to do where it is neither to start the server nor to look at its address. */
const cures: Readonly<Record<number, string>> = {
  241: 'give it more memory, or let less run at once; what is recorded waits in the log',
  252: 'it merges more slowly than rows come, which often passes by itself: look at its disk and at system.merges',
  202: 'it has too much to do at once: let less run, or raise max_concurrent_queries',
  242: 'the table is read-only on this replica, which often means that it lost its Keeper: look at system.replicas',
  497: rights,
  516: rights,
}

/** `Code: 62. DB::Exception: …` or a ClickHouseError of the client; null for what did not come from the engine. */
export function clickhouseCode(err: unknown): number | null {
  if (!(err instanceof Error)) return null
  const numeric = 'code' in err && typeof err.code === 'string' && /^\d+$/.test(err.code) ? err.code : undefined
  const found = numeric ?? /Code: (\d+)\. DB::/.exec(err.message)?.[1]
  return found === undefined ? null : Number(found)
}

/**
 * What a failure of the store means. An insert fails for good only where the engine refused the rows themselves: a missing
 * table or a full disk must make a consumer wait, never give records up.
 */
export function storeError(err: unknown, place: string, purpose: 'query' | 'insert'): UnderstudyError {
  if (err instanceof UnderstudyError) return err
  const code = clickhouseCode(err)
  const message = describe(err, code)
  if (code === 243 || noSpace.test(message)) {
    const cure =
      'free some space, lower retention.bodiesDays, or give the store a larger disk; nothing is lost while the log has room'
    return new UnderstudyError('STORE_UNAVAILABLE', `the store's disk is full (${message}): ${cure}`, { cause: err })
  }
  if (code === null && notWritable.test(message)) {
    const cure = 'make its folder writable again, or look at the disk; nothing is lost while the log has room'
    return new UnderstudyError('STORE_UNAVAILABLE', `the store cannot be written (${message}): ${cure}`, { cause: err })
  }
  if (code === null && !isBindError(err)) {
    return new UnderstudyError('STORE_UNAVAILABLE', `ClickHouse cannot be reached (${message}): ${place}`, {
      cause: err,
    })
  }
  const lasting = code === null || !notNow.has(code)
  if (purpose === 'insert' && lasting && refusedRows.test(message)) return refusedInsert(message, code)
  if (purpose === 'query' && lasting)
    return new UnderstudyError('STORE_QUERY_FAILED', `ClickHouse refused it. ${message}`, { cause: err })
  const cure = (code === null ? undefined : cures[code]) ?? place
  return new UnderstudyError('STORE_UNAVAILABLE', `ClickHouse cannot do it now. ${message}: ${cure}`, { cause: err })
}

/** Without the engine's own words and without `cause`: they quote the value it could not read. */
function refusedInsert(told: string, code: number | null): UnderstudyError {
  const [, type] = /\(([A-Z_]+)\)(?: \(version [^)]*\))?\s*$/.exec(told) ?? []
  const [, column] = /while reading the value of key (\w+)/.exec(told) ?? []
  const where = column === undefined ? '' : ` at column ${column}`
  const message = `ClickHouse refused a row${where}: Code: ${code} (${type ?? 'unknown'}). The row does not fit its table`
  return new UnderstudyError('STORE_QUERY_FAILED', message)
}

function describe(err: unknown, code: number | null): string {
  if (!(err instanceof Error)) return String(err)
  // A refused connection to a name with several addresses is an AggregateError without a message.
  const message = err.message || ('code' in err ? String(err.code) : err.name)
  if (code === null || message.startsWith('Code: ')) return message
  const type = 'type' in err && typeof err.type === 'string' ? ` (${err.type})` : ''
  return `Code: ${code}. ${message.trim()}${type}`
}

/** A parameter that cannot be bound is a mistake of the caller, found before the engine is asked. */
function isBindError(err: unknown): boolean {
  return err instanceof Error && 'code' in err && err.code === 'CHDB_BIND'
}
