import { APIConnectionTimeoutError, APIError, OpenAI } from 'openai'
import { fetch as guardedFetch } from 'undici'
import { type ProviderAccess } from './adapter.ts'
import { openaiOptions } from './openai-endpoint.ts'
import { guardedAgent, type TransportOptions } from './transport.ts'

/** One vector for each text, in their order, or why there are none: a status, `timeout`, `connection`, `malformed_answer`. */
export type Vectors = { ok: true; vectors: Float32Array[] } | { ok: false; reason: string }

export type VectorsClient = {
  /** Rejects if the signal aborts, and for nothing else. */
  embed(texts: string[], signal: AbortSignal): Promise<Vectors>
  close(): Promise<void>
}

type VectorsOptions = TransportOptions & { model: string; timeoutMs: number }

/** `/embeddings` of any server that speaks OpenAI's dialect. The SDK tries again what may be tried again, after `retry-after`. */
export function openVectors(provider: ProviderAccess, { model, timeoutMs, ...guard }: VectorsOptions): VectorsClient {
  const agent = guardedAgent(guard)
  const fetch = ((url: string, init: object) =>
    guardedFetch(url, { ...init, redirect: 'error', dispatcher: agent })) as unknown as typeof globalThis.fetch
  const client = new OpenAI({ ...openaiOptions(provider), maxRetries: 2, timeout: timeoutMs, fetch })
  return {
    async embed(texts, signal) {
      try {
        // Numbers, not base64, which not every such server knows.
        const { data } = await client.embeddings.create({ model, input: texts, encoding_format: 'float' }, { signal })
        return vectorsOf(data, texts.length)
      } catch (err) {
        signal.throwIfAborted()
        return { ok: false, reason: reasonOf(err) }
      }
    },
    close: () => agent.destroy(),
  }
}

function vectorsOf(data: readonly { index: number; embedding: number[] }[] | undefined, count: number): Vectors {
  const byIndex = new Map(data?.map(({ index, embedding }) => [index, Float32Array.from(embedding)]))
  const vectors = Array.from({ length: count }, (_, index) => byIndex.get(index) ?? new Float32Array())
  const isWhole = vectors.every((each) => each.length > 0 && each.every(Number.isFinite))
  return isWhole ? { ok: true, vectors } : { ok: false, reason: 'malformed_answer' }
}

function reasonOf(err: unknown): string {
  if (err instanceof APIConnectionTimeoutError) return 'timeout'
  if (!(err instanceof APIError)) return 'malformed_answer'
  return err.status === undefined ? 'connection' : String(err.status)
}
