/** What the figures of a pair mean, for whoever points at their names. */
export const meanings = {
  quality: 'Facts and fields of the served answer that this one keeps',
  divergence: 'How much the two answers differ in their words: 0 % is word for word',
} as const
