import { type Scorer } from './scorer.ts'

/** F1 over the tool calls, arguments counted by the share that agrees. Applies where either answer calls a tool. */
export const toolF1: Scorer = {
  name: 'tool_f1',
  isSymmetric: true,
  score: (pair) => pair.tools()?.f1 ?? null,
}

/** Share of the arguments that agree, over the calls that both answers make. Applies where there is such a call. */
export const argumentAccuracy: Scorer = {
  name: 'argument_accuracy',
  isSymmetric: true,
  score: (pair) => pair.tools()?.argumentAccuracy ?? null,
}
