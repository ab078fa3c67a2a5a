import { answerPairs } from '../compare/corpus.ts'
import { chatCompletion } from '../../services/replay/pretend-provider.ts'

/** Some hundred characters each: what was served, and what an arm says to the same. */
export const pairs = answerPairs(400)

export const completion = (text: string): string => JSON.stringify(chatCompletion(text))
