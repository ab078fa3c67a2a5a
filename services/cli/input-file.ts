import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { parseJson } from '../../shared/dialects/json.ts'
import { type Json } from '../../shared/dialects/dialect.ts'
import { UnderstudyError } from '../../shared/errors.ts'

/** The bytes of a file, or of standard input for `-`; unzipped where they are gzip. */
export async function readInput(file: string): Promise<Buffer> {
  const bytes =
    file === '-'
      ? await buffer(process.stdin)
      : await readFile(file).catch((err) => {
          throw inputFailed(file, err)
        })
  if (bytes.length === 0) throw usage(`${nameOf(file)} is empty: give a file, or pipe what is to be read`)
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes
}

/** One JSON value. */
export async function readJsonInput(file: string): Promise<{ text: string; value: Json }> {
  const text = (await readInput(file)).toString('utf8').replace(/^\uFEFF/, '')
  const value = parseJson(text)
  if (value === undefined) throw usage(`${nameOf(file)} is not JSON: give one JSON document`)
  return { text, value }
}

export function inputFailed(file: string, cause: unknown): UnderstudyError {
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  return new UnderstudyError('USAGE', `${file} cannot be read (${why}): check the path, or give - for standard input`, {
    cause,
  })
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file
}

export function usage(message: string): UnderstudyError {
  return new UnderstudyError('USAGE', message)
}
