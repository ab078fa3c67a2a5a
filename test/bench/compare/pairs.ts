import { pairOf } from '../../../services/compare/pair.ts'
import { scorers } from '../../../services/compare/scorers/index.ts'
import { type Task } from '../../../shared/contracts/exchange.ts'
import { anAnswer } from '../../services/compare/builders.ts'
import { type TextPair } from './corpus.ts'

export const textScorers = scorers.filter(({ name }) => name !== 'facts_kept')

export function pairFrom({ served, arm }: TextPair, task: Task) {
  const answers = { served: anAnswer({ text: served }), arm: anAnswer({ text: arm }) }
  return pairOf({ task, jsonExpected: task === 'json', schema: null, ...answers })
}

/** A fast wrong answer is worth nothing. */
export function mustBeEqual(ours: number[], theirs: number[]): void {
  const isEqual = ours.every((score, at) => Math.abs(score - theirs[at]!) < 1e-12)
  if (!isEqual) throw new Error(`scores differ: ${ours.join(' ')} and ${theirs.join(' ')}`)
}
