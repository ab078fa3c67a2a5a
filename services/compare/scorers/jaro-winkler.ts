import { JaroWinklerDistance } from 'natural/lib/natural/distance/index.js'
import { isProse, type Scorer } from './scorer.ts'

/** Made for names and labels; on longer texts it tells little and takes long. */
const maxChars = 256

/** Jaro-Winkler similarity of short texts. */
export const jaroWinkler: Scorer = {
  name: 'jaro_winkler',
  isSymmetric: true,
  score: (pair) => {
    const [served, arm] = [pair.served.text.trim(), pair.arm.text.trim()]
    if (!isProse(pair) || served.length > maxChars || arm.length > maxChars) return null
    // The greedy matching depends on which side goes first.
    return served < arm ? JaroWinklerDistance(served, arm) : JaroWinklerDistance(arm, served)
  },
}
