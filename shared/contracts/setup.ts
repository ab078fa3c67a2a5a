import { z } from 'zod'

/** `GET /api/v1/setup`: how an application's traffic comes in. */
export const Setup = z.object({
  version: z.literal(1),
  upstreams: z.array(
    z.object({
      name: z.string(),
      dialect: z.string(),
      /** Host of the provider that it stands for. */
      provider: z.string(),
      /** Where the tap listens, as configured; the host may be a wildcard. */
      host: z.string(),
      port: z.int().nonnegative(),
    }),
  ),
})
export type Setup = z.infer<typeof Setup>
