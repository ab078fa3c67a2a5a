import { type Rouge } from '../text/rouge.ts'
import { isProse, type Scorer } from './scorer.ts'

const scorer = (name: string, part: keyof Rouge): Scorer => ({
  name,
  isSymmetric: true,
  score: (pair) => (isProse(pair) ? (pair.rouge()?.[part] ?? null) : null),
})

/** Overlap of single words, of word pairs, and the longest common subsequence of words. Not applicable: see `rougeOf`. */
export const rouge1 = scorer('rouge_1', 'rouge1')
export const rouge2 = scorer('rouge_2', 'rouge2')
export const rougeL = scorer('rouge_l', 'rougeL')
