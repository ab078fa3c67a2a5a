import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Report } from '../../shared/contracts/report.ts'
import { usage } from './input-file.ts'

const generate = 'openssl genpkey -algorithm ed25519 -out key.pem; openssl pkey -in key.pem -pubout -out public.pem'

/** The report with an Ed25519 signature (RFC 8032) of its digest, which covers all the rest. */
export function signed(report: Report, key: KeyObject): Report {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64')
  const value = sign(null, Buffer.from(report.digest), key).toString('base64')
  return { ...report, signature: { algorithm: 'ed25519', publicKey, value } }
}

/** Says nothing about whose key it is: `key` must come from elsewhere than the report. */
export function isSignedBy({ digest, signature }: Report, key: KeyObject): boolean {
  return signature !== null && verify(null, Buffer.from(digest), key, Buffer.from(signature.value, 'base64'))
}

export function readPrivateKey(file: string): KeyObject {
  return readKey(file, 'private', createPrivateKey)
}

export function readPublicKey(file: string): KeyObject {
  return readKey(file, 'public', createPublicKey)
}

function readKey(file: string, kind: string, create: (pem: string) => KeyObject): KeyObject {
  let key: KeyObject
  try {
    key = create(readFileSync(file, 'utf8'))
  } catch (err) {
    const why = (err as NodeJS.ErrnoException).code ?? 'not a key'
    throw usage(`${file} cannot be used as a ${kind} key (${why}): give an Ed25519 key in PEM, made by ${generate}`)
  }
  if (key.asymmetricKeyType === 'ed25519') return key
  throw usage(`${file} is a key for ${key.asymmetricKeyType}: give an Ed25519 key, made by ${generate}`)
}
