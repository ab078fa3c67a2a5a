import { readFileSync } from 'node:fs'
import { comparePair, type ComparedPair } from '../../../services/compare/compare-pair.ts'
import { readRecorded, readRecordedRequest } from '../../../services/compare/recorded.ts'
import { type PairOutcome } from '../../../services/compare/rungs/rung.ts'
import { type Answer } from '../../../shared/contracts/answer.ts'
import { type Task } from '../../../shared/contracts/exchange.ts'
import { type Json } from '../../../shared/dialects/dialect.ts'

const labels = ['same', 'harmless', 'harmful'] as const
const outcomes = ['same', 'harmless', 'unsure', 'harmful'] as const
export type LabelledPair = {
  id: string
  category: string
  label: (typeof labels)[number]
  task?: Task
  request?: Json
  served: Json
  candidate: Json
}
export type PairSet = 'tuning' | 'held-out' | 'held-out-2'
export type Confusion = Record<LabelledPair['label'], Record<PairOutcome, number>>

export function labelledPairs(set: PairSet): LabelledPair[] {
  const lines = readFileSync(new URL(`../../fixtures/pairs/${set}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => JSON.parse(line) as LabelledPair)
}

export function compareLabelled({ task, request, served, candidate }: LabelledPair): ComparedPair {
  const asked = readRecordedRequest(request)
  return comparePair({ task: task ?? null, request: asked, served: answerOf(served), candidate: answerOf(candidate) })
}

function answerOf(value: Json): Answer {
  const read = readRecorded(value)
  if (!read.ok) throw new Error(read.reason)
  return read.answer
}

export function confusionOf(pairs: LabelledPair[]): Confusion {
  const none = { same: 0, harmless: 0, unsure: 0, harmful: 0 }
  const counts: Confusion = { same: { ...none }, harmless: { ...none }, harmful: { ...none } }
  for (const pair of pairs) counts[pair.label][compareLabelled(pair).outcome]++
  return counts
}

/** Of the harmful, how many pass; of the others, how many are held back; of all, how many are left to a judge. */
export function ratesOf({ same, harmless, harmful }: Confusion) {
  const all = [same, harmless, harmful]
  const total = (rows: Record<PairOutcome, number>[]): number =>
    rows.reduce((sum, row) => sum + row.same + row.harmless + row.unsure + row.harmful, 0)
  return {
    missed: (harmful.same + harmful.harmless) / total([harmful]),
    falselyHarmful: (same.harmful + harmless.harmful) / total([same, harmless]),
    unsure: all.reduce((sum, row) => sum + row.unsure, 0) / total(all),
  }
}

export function confusionText(counts: Confusion): string {
  const row = (cells: (string | number)[]): string => cells.map((cell) => String(cell).padStart(12)).join('')
  return [
    row(['is \\ told', ...outcomes]),
    ...labels.map((label) => row([label, ...outcomes.map((outcome) => counts[label][outcome])])),
  ].join('\n')
}
