import { type Body } from '../../shared/contracts/body.ts'
import { isAscii } from 'node:buffer'
import { sha256Hex } from '../../shared/ids.ts'

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Null where the bytes are not valid UTF-8. A byte order mark stays: encoding the text again gives the same bytes. */
export function utf8Of(bytes: Buffer): string | null {
  if (isAscii(bytes)) return bytes.toString('latin1')
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return null
  }
}

export type WholeBody = {
  bytes: Buffer
  text: string | null
  /** The text is known to be JSON. */
  isJson: boolean
  sizeBytes: number
  sha256: string | null
  truncated: boolean
}

/** The bytes as they are. */
export function keptBody({ bytes, text, sizeBytes, sha256, truncated }: WholeBody): Body {
  return text === null
    ? { encoding: 'base64', data: bytes.toString('base64'), sizeBytes, sha256, truncated }
    : { encoding: 'utf8', data: text, sizeBytes, sha256, truncated }
}

/** Size and hash of what is not kept. */
export function withheldBody({ text, sizeBytes, sha256, truncated }: WholeBody): Body {
  return { encoding: text === null ? 'base64' : 'utf8', data: null, sizeBytes, sha256, truncated }
}

/** The masked text, with its own size and hash: those of the original would let a guess of the secret be checked. */
export function maskedBody(text: string): Body {
  return { encoding: 'utf8', data: text, sizeBytes: Buffer.byteLength(text), sha256: sha256Hex(text), truncated: false }
}
