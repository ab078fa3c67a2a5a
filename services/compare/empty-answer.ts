import { type Answer } from '../../shared/contracts/answer.ts'
import { unknownUsage } from '../../shared/dialects/draft-answer.ts'

/** An answer that ended well and of which nothing else is known. */
export const emptyAnswer: Answer = {
  model: null,
  outcome: 'ok',
  finish: 'stop',
  nativeFinish: null,
  stopSequence: null,
  text: '',
  thinkingText: '',
  refusalText: null,
  toolCalls: [],
  serverToolCalls: [],
  usage: unknownUsage,
  serviceTier: null,
  complete: true,
  anomalies: [],
  error: null,
}
