import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { type ClaimBucket } from '../../config/schema.ts'
import { UnderstudyError } from '../../errors.ts'
import { type ClaimStore } from './claim-store.ts'

/** A bucket of S3, or of what speaks its language. Without keys in the config the SDK finds the process's own credentials. */
export function openClaimBucket(config: ClaimBucket): ClaimStore {
  const { bucket, prefix, region, endpoint, accessKeyId, secretAccessKey } = config
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(accessKeyId === undefined ? {} : { credentials: { accessKeyId, secretAccessKey: secretAccessKey! } }),
    // Others than Amazon's do not all know the checksums that the SDK would add; a claim has one of its own.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 30_000 },
  })
  const place = `s3://${bucket}/${prefix}`
  const keyOf = (name: string) => ({ Bucket: bucket, Key: `${prefix}${name}` })

  async function tried<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (err) {
      throw explain(err)
    }
  }

  function explain(err: unknown): UnderstudyError {
    const { code, name, $metadata } = err as {
      code?: string
      name?: string
      $metadata?: { httpStatusCode?: number }
    }
    const what = [code ?? name ?? 'unknown error', $metadata?.httpStatusCode].filter(Boolean).join(', HTTP ')
    const message = `Large records cannot be kept in ${place} (${what}): check log.kafka.claimCheck.s3, its keys, and that the bucket exists and may be read, written, listed and deleted from.`
    return new UnderstudyError('LOG_UNAVAILABLE', message, { cause: err })
  }

  async function get(name: string, signal?: AbortSignal): Promise<Buffer | null> {
    try {
      const { Body } = await client.send(
        new GetObjectCommand(keyOf(name)),
        signal === undefined ? {} : { abortSignal: signal },
      )
      return Buffer.from(await Body!.transformToByteArray())
    } catch (err) {
      if (err instanceof NoSuchKey) return null
      throw err
    }
  }

  return {
    place,
    put: (name, bytes) =>
      tried(async () => void (await client.send(new PutObjectCommand({ ...keyOf(name), Body: bytes })))),
    get: (name, signal) => tried(() => get(name, signal)),
    remove: (name) => tried(async () => void (await client.send(new DeleteObjectCommand(keyOf(name))))),
    async *list() {
      try {
        for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
          for (const { Key, LastModified } of Contents) {
            yield { name: Key!.slice(prefix.length), putAtMs: LastModified!.getTime() }
          }
        }
      } catch (err) {
        throw explain(err)
      }
    },
  }
}
