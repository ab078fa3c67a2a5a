import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Config } from '../../../shared/config/schema.ts'
import { type Check, fail, ok, warn } from './check.ts'

/** `key`: where the config names it. */
type KeptAt = { key: string; folder: string }

const mebibyte = 1024 ** 2
/** Below the one a person should act; below the other nothing is taken soon. */
const lowBytes = 2048 * mebibyte
const fullBytes = 256 * mebibyte

/** The folders that something is kept in: is there room, and may this user write there? */
export function checkDisks({ store, log, tap }: Pick<Config, 'store' | 'log' | 'tap'>): Check[] {
  const places: KeptAt[] = [
    ...('embedded' in store ? [{ key: 'store.embedded', folder: store.embedded }] : []),
    ...('embedded' in log ? [{ key: 'log.embedded', folder: dirname(log.embedded) }] : []),
    { key: 'tap.spool.folder', folder: tap.spool.folder },
  ]
  return places.map(checkDisk)
}

function checkDisk({ key, folder }: KeptAt): Check {
  const title = `disk ${key}`
  const place = nearest(folder)
  try {
    accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (err) {
    const { code } = err as NodeJS.ErrnoException
    const why =
      code === 'EROFS'
        ? 'is on a file system that is mounted read-only'
        : `may not be written to by this user (${code})`
    return fail(
      title,
      `${place} ${why}`,
      `make it writable for the user that runs Understudy, or set ${key} to another folder`,
    )
  }
  if (!statSync(place).isDirectory())
    return fail(title, `${place} is no folder`, `move it away, or set ${key} to another folder`)
  const { bavail, bsize, ffree, files } = statfsSync(place)
  const freeBytes = bavail * bsize
  const left = `${size(freeBytes)} free in ${folder}`
  const cure = `free some space, lower retention.bodiesDays, or set ${key} to a larger disk`
  // A file system without a fixed number of files says 0 of 0.
  if (files > 0 && ffree < 1_000)
    return fail(title, `only ${ffree} more files fit in ${folder}`, 'remove small files there')
  if (freeBytes < fullBytes) return fail(title, `the disk is full: ${left}`, cure)
  return freeBytes < lowBytes ? warn(title, left, cure) : ok(title, left)
}

/** The folder, or what of its path is there already. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder))
}

export function size(bytes: number): string {
  if (bytes < 1024 * mebibyte) return `${Math.round(bytes / mebibyte)} MiB`
  return `${(bytes / 1024 / mebibyte).toFixed(1)} GiB`
}
