import { type ClaimCheck } from '../../config/schema.ts'

/** Where large records are kept while only a claim to them is in the log. Names are `<topic>/<uuid>`. */
export type ClaimStore = {
  /** For people: the folder, or the bucket. */
  place: string
  /** Durable when it resolves. LOG_UNAVAILABLE where the storage does not take it. */
  put(name: string, bytes: Uint8Array): Promise<void>
  /** Null: there is none of this name. LOG_UNAVAILABLE where that cannot be told. */
  get(name: string, signal?: AbortSignal): Promise<Buffer | null>
  /** One that is not there is no error. */
  remove(name: string): Promise<void>
  list(): AsyncIterable<{ name: string; putAtMs: number }>
}

export async function openClaimStore(config: ClaimCheck): Promise<ClaimStore> {
  if ('folder' in config) {
    const { openClaimFolder } = await import('./claim-folder.ts')
    return openClaimFolder(config.folder)
  }
  const { openClaimBucket } = await import('./claim-bucket.ts')
  return openClaimBucket(config.s3)
}
