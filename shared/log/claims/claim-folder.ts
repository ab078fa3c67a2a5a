import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UnderstudyError } from '../../errors.ts'
import { type ClaimStore } from './claim-store.ts'

/** A folder that all stages share. */
export function openClaimFolder(folder: string): ClaimStore {
  const explain = (err: unknown): UnderstudyError => {
    const code = (err as NodeJS.ErrnoException).code ?? 'unknown'
    const message = `Large records cannot be kept in ${folder} (${code}): log.kafka.claimCheck.folder must be one that all stages can read and write, with room left.`
    return new UnderstudyError('LOG_UNAVAILABLE', message, { cause: err })
  }

  async function put(name: string, bytes: Uint8Array): Promise<void> {
    const file = join(folder, name)
    const incoming = `${file}.new`
    await mkdir(dirname(file), { recursive: true })
    const handle = await open(incoming, 'w', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(incoming, file)
    const parent = await open(dirname(file), 'r')
    await parent.sync().finally(() => parent.close())
  }

  async function* list(): AsyncIterable<{ name: string; putAtMs: number }> {
    for (const topic of await readdir(folder).catch(nothingThere([]))) {
      for (const file of await readdir(join(folder, topic)).catch(nothingThere([]))) {
        const name = `${topic}/${file}`
        const found = await stat(join(folder, name)).catch(nothingThere(null))
        if (found !== null) yield { name, putAtMs: found.mtimeMs }
      }
    }
  }

  return {
    place: folder,
    put: (name, bytes) => put(name, bytes).catch(thrown(explain)),
    get: (name, signal) => readFile(join(folder, name), { signal }).catch(nothingThere(null)).catch(thrown(explain)),
    remove: (name) => rm(join(folder, name), { force: true }).catch(thrown(explain)),
    async *list() {
      try {
        yield* list()
      } catch (err) {
        throw explain(err)
      }
    },
  }
}

function nothingThere<T>(otherwise: T): (err: NodeJS.ErrnoException) => T {
  return (err) => {
    if (err.code === 'ENOENT') return otherwise
    throw err
  }
}

function thrown(explain: (err: unknown) => UnderstudyError): (err: unknown) => never {
  return (err) => {
    throw explain(err)
  }
}
