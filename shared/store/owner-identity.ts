import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Names the run of the engine that holds the folder now; null where nobody does, or nobody can tell from here. */
export function ownerIdentity(folder: string): string | null {
  const status = readStatus(resolve(folder))
  return status === null ? null : createHash('sha256').update(status).digest('hex').slice(0, 32)
}

/** What the engine wrote about the process that holds the folder; null where it never wrote. */
export function readStatus(path: string): string | null {
  const file = join(path, 'status')
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}
