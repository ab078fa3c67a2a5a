import { controlArm } from '../../../shared/config/arms.ts'
import { type Comparison } from '../../../shared/contracts/comparison.ts'
import { type ObservationSet } from '../../../shared/contracts/observation.ts'
import { cosine, type Embedder } from './embedder.ts'

export const embeddingCosine = 'embedding_cosine'

/**
 * The comparisons of free text with the cosine between the served answer and the arm's. It never touches quality: it is blind to a
 * negation and to another number. Divergence becomes `D = (1 − cos) / 2` for control and candidate of an exchange, or for
 * neither.
 */
export async function embedSet(
  { exchange, observations }: ObservationSet,
  comparisons: readonly Comparison[],
  embedder: Embedder,
): Promise<Comparison[]> {
  const served = exchange.served.answer?.text ?? ''
  const cosines = new Map<string, number>()
  await Promise.all(
    comparisons.filter(isFreeText).map(async ({ arm, comparisonId }) => {
      const answer = observations.find(({ observationId }) => observationId === comparisonId)!.answer!
      if (served.trim() === '' || answer.text.trim() === '' || answer.toolCalls.length > 0) return
      const found = served === answer.text ? 1 : await cosineBetween(served, answer.text, embedder)
      if (found !== null) cosines.set(arm, found)
    }),
  )
  return comparisons.map((comparison) => withCosine(comparison, cosines))
}

function isFreeText({ task, measured }: Comparison): boolean {
  return task === 'text' && measured !== null && !measured.error
}

async function cosineBetween(served: string, arm: string, embedder: Embedder): Promise<number | null> {
  const [left, right] = await Promise.all([embedder.embed(served), embedder.embed(arm)])
  return left && right && cosine(left, right)
}

function withCosine(comparison: Comparison, cosines: ReadonlyMap<string, number>): Comparison {
  const { arm, measured, control } = comparison
  const own = cosines.get(arm)
  if (own === undefined) return comparison
  const scored = { ...comparison, scores: { ...comparison.scores, [embeddingCosine]: own } }
  if (arm === controlArm) return { ...scored, measured: { ...measured!, divergence: (1 - own) / 2 } }
  const ofControl = cosines.get(controlArm)
  if (control === null || ofControl === undefined) return scored
  return {
    ...scored,
    measured: { ...measured!, divergence: (1 - own) / 2 },
    control: { ...control, divergence: (1 - ofControl) / 2 },
  }
}
