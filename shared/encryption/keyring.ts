import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { type EncryptionConfig } from '../config/schema.ts'
import { UnderstudyError } from '../errors.ts'

/** Texts of users, closed and opened. What a text stands for (`place`) is authenticated with it: elsewhere it does not open. */
export type Keyring = {
  /** The key that new texts are closed with; null: they are kept as they are. */
  activeId: string | null
  /** Of the keys that are at hand. */
  ids: string[]
  /** ENCRYPTION_KEY_MISSING where the active key is not to be had. */
  seal(text: string, place: string): string
  /** The text itself where it is not sealed. ENCRYPTION_KEY_MISSING, or ENCRYPTION_BROKEN where none of the places fits. */
  open(text: string, places: readonly string[]): string
}

/** In front of every sealed text, with the key's id behind it. */
export const sealPrefix = 'enc1:'
const algorithm = 'aes-256-gcm'
const keyBytes = 32
/** 96 random bits: of one key, 2^32 texts may be sealed before a nonce is likely enough to come again (NIST SP 800-38D, 8.3). */
const nonceBytes = 12
const tagBytes = 16
/** Half the time of the default for a text of 20 kB, and a few percent larger. */
const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

export function isSealed(text: string): boolean {
  return text.startsWith(sealPrefix)
}

/** CONFIG_INVALID: a variable holds no key. One that is not set is missed only when a text needs it. */
export function openKeyring(
  encryption: EncryptionConfig | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Keyring {
  const keys = new Map<string, Buffer>()
  for (const { id, fromEnv } of encryption?.keys ?? []) {
    const value = env[fromEnv] ?? ''
    if (value !== '') keys.set(id, keyIn(value, id, fromEnv))
  }
  const activeId = encryption?.active ?? null
  const variableOf = (id: string) => encryption?.keys.find((key) => key.id === id)?.fromEnv

  function keyOf(id: string): Buffer {
    const key = keys.get(id)
    if (key !== undefined) return key
    const variable = variableOf(id)
    const cure =
      variable === undefined
        ? 'name it in store.encryption.keys, and set its variable'
        : `set the environment variable ${variable}, which store.encryption.keys names for it`
    throw new UnderstudyError('ENCRYPTION_KEY_MISSING', `encrypted: key ${id} is not configured: ${cure}`)
  }

  return {
    activeId,
    ids: [...keys.keys()],
    seal(text, place) {
      if (activeId === null) return text
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, keyOf(activeId), nonce).setAAD(Buffer.from(`${activeId}\0${place}`))
      // Before it is closed, because afterwards nothing makes it smaller.
      const closed = Buffer.concat([cipher.update(zstdCompressSync(text, fast)), cipher.final()])
      return `${sealPrefix}${activeId}:${Buffer.concat([nonce, cipher.getAuthTag(), closed]).toString('base64')}`
    },
    open(text, places) {
      if (!isSealed(text)) return text
      const end = text.indexOf(':', sealPrefix.length)
      const id = text.slice(sealPrefix.length, end === -1 ? undefined : end)
      const key = keyOf(id)
      const bytes = Buffer.from(text.slice(end + 1), 'base64')
      for (const place of places) {
        const opened = opens(key, bytes, `${id}\0${place}`)
        if (opened !== null) return zstdDecompressSync(opened).toString()
      }
      throw new UnderstudyError(
        'ENCRYPTION_BROKEN',
        `encrypted: key ${id} does not open it: it was altered or moved from another row, or the key is another one of that name; or the query does not give the id of its row`,
      )
    },
  }
}

/** ENCRYPTION_KEY_MISSING: told when a stage starts, and not by its first record. */
export function requireActiveKey(keyring: Keyring): void {
  keyring.seal('', '')
}

function opens(key: Buffer, bytes: Buffer, place: string): Buffer | null {
  if (bytes.length < nonceBytes + tagBytes) return null
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(place))
    .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()])
  } catch {
    return null
  }
}

function keyIn(value: string, id: string, variable: string): Buffer {
  const key = /^[0-9a-f]{64}$/i.test(value) ? Buffer.from(value, 'hex') : Buffer.from(value, 'base64')
  if (key.length === keyBytes) return key
  throw new UnderstudyError(
    'CONFIG_INVALID',
    `the environment variable ${variable} holds no key ${id}: it takes 32 bytes in base64 or hex, as \`openssl rand -base64 32\` makes them`,
  )
}
