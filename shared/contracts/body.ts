import { z } from 'zod'

/**
 * The bytes of a request or an answer, as they were on the wire after content decoding.
 * `utf8` holds text whose bytes are valid UTF-8, so encoding it again gives the same bytes; all else is `base64`.
 * `data` is null where the bytes were not kept (capture mode `metadata`, or above the size cap); size and hash stay.
 */
export const Body = z.object({
  encoding: z.enum(['utf8', 'base64']),
  data: z.string().nullable(),
  sizeBytes: z.int().nonnegative(),
  sha256: z.string().nullable(),
  /** `data` is only the beginning of the body. */
  truncated: z.boolean(),
})
export type Body = z.infer<typeof Body>
