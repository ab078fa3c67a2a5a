import { z } from 'zod'
import { misshapen, text } from './shapes.ts'

const tokens = z.array(z.int().nonnegative()).min(1)
const body = z.strictObject({
  model: text,
  input: z.union([text, z.array(text).min(1).max(2048), tokens, z.array(tokens).min(1).max(2048)]),
  encoding_format: z.enum(['float', 'base64']).optional(),
  dimensions: z.int().min(1).optional(),
  user: z.string().optional(),
})

/** Why embeddings would answer 400; null where they would answer. */
export function refusedEmbeddings(request: unknown): string | null {
  const shape = misshapen(body, request)
  if (shape !== null) return shape
  const { model, dimensions } = request as z.infer<typeof body>
  return dimensions !== undefined && !model.startsWith('text-embedding-3')
    ? 'This model does not support dimensions'
    : null
}
