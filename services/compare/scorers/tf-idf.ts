import { tfIdfCosine as cosineOf } from '../text/tf-idf.ts'
import { isProse, type Scorer } from './scorer.ts'

/** Cosine of the TF-IDF vectors of the words. Not applicable where ROUGE is not. */
export const tfIdfCosine: Scorer = {
  name: 'tf_idf_cosine',
  isSymmetric: true,
  score: (pair) => {
    const words = isProse(pair) ? pair.words() : null
    return words && cosineOf(words)
  },
}
