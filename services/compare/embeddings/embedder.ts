import { sha256Hex } from '../../../shared/ids.ts'
import { type Vectors } from '../../../shared/providers/vectors.ts'

/** Some 12 kB each at 3,072 dimensions. */
const mostRemembered = 2_000
const mostTexts = 64
const mostChars = 200_000
/** What every model of the kind reads: 8,000 tokens. */
const mostCharsOfText = 24_000

type Vector = Float32Array | null
type Waiting = { key: string; text: string; settle: (vector: Vector) => void; fail: (err: unknown) => void }

export type Embedder = {
  /** The text's direction; null where it could not be had. Of a very long text, of its beginning. */
  embed(text: string): Promise<Vector>
}

export type EmbedderTools = {
  embed: (texts: string[]) => Promise<Vectors>
  /** Told of each call that gave no vectors. */
  onFailure: (reason: string) => void
}

/** Texts that are asked for in the same turn of the loop go out together; each text once, for as long as it is remembered. */
export function createEmbedder({ embed, onFailure }: EmbedderTools): Embedder {
  const known = new Map<string, Promise<Vector>>()
  let waiting: Waiting[] = []

  async function send(batch: readonly Waiting[]): Promise<void> {
    try {
      const answer = await embed(batch.map(({ text }) => text))
      if (!answer.ok) onFailure(answer.reason)
      for (const [at, { key, settle }] of batch.entries()) {
        if (!answer.ok) known.delete(key)
        settle(answer.ok ? answer.vectors[at]! : null)
      }
    } catch (err) {
      for (const { key, fail } of batch) {
        known.delete(key)
        fail(err)
      }
    }
  }

  function sendAll(): void {
    const all = waiting
    waiting = []
    for (const batch of batchesOf(all)) void send(batch)
  }

  function ask(key: string, text: string): Promise<Vector> {
    if (waiting.length === 0) setImmediate(sendAll)
    const { promise, resolve: settle, reject: fail } = Promise.withResolvers<Vector>()
    waiting.push({ key, text, settle, fail })
    return promise
  }

  return {
    embed(given) {
      const text = given.slice(0, mostCharsOfText).toWellFormed()
      const key = sha256Hex(text)
      const found = known.get(key) ?? ask(key, text)
      // The one that was used last is forgotten last.
      known.delete(key)
      known.set(key, found)
      if (known.size > mostRemembered) known.delete(known.keys().next().value!)
      return found
    },
  }
}

function batchesOf(all: readonly Waiting[]): Waiting[][] {
  const batches: Waiting[][] = []
  let chars = Infinity
  for (const each of all) {
    const isFull = batches.at(-1)?.length === mostTexts || chars + each.text.length > mostChars
    if (isFull) {
      batches.push([])
      chars = 0
    }
    batches.at(-1)!.push(each)
    chars += each.text.length
  }
  return batches
}

/** 1 for the same direction, −1 for the opposite; null where one has none. */
export function cosine(a: Float32Array, b: Float32Array): number | null {
  let [dot, aa, bb] = [0, 0, 0]
  for (let at = 0; at < a.length; at++) {
    dot += a[at]! * b[at]!
    aa += a[at]! ** 2
    bb += b[at]! ** 2
  }
  const length = Math.sqrt(aa) * Math.sqrt(bb)
  if (a.length !== b.length || length === 0) return null
  return Math.max(-1, Math.min(1, dot / length))
}
