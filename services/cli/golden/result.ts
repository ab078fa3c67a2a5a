import { armsOf, controlArm } from '../../../shared/config/arms.ts'
import { type Config } from '../../../shared/config/schema.ts'
import { type GoldenSet } from '../../../shared/contracts/golden.ts'
import { type Verdict } from '../../../shared/contracts/verdict.ts'
import { judgeVersion } from '../../../shared/judge/version.ts'
import { describeOpenings } from '../../report/golden/openings.ts'
import { pairRowOf } from '../../report/golden/pair-row.ts'
import { candidatesOf } from '../../report/load-verdicts.ts'
import { verdictOf } from '../../report/verdict.ts'
import { type AskedItem } from './ask-set.ts'

export type GoldenItemResult = {
  id: string
  stratum: string
  outcome: string
  reason: string | null
  decidedBy: string
  against: 'ground truth' | 'served'
  quality: number | null
  controlQuality: number | null
  servedQuality: number | null
  divergence: number | null
  ttftMs: number | null
  totalMs: number | null
  costUsd: number | null
  controlCostUsd: number | null
  answer: string | null
}

export type GoldenRun = {
  version: 1
  set: GoldenSet
  split: 'dev' | 'holdout'
  candidate: string
  armFingerprint: string
  verdict: Verdict
  items: GoldenItemResult[]
}

/** The verdict by the gates of traffic, each exchange counting for as many as it was drawn from; and every exchange by itself. */
export function runOf(
  config: Config,
  candidate: string,
  { set, split, asked, now }: { set: GoldenSet; split: GoldenRun['split']; asked: readonly AskedItem[]; now: Date },
): GoldenRun {
  const arm = candidatesOf(config, candidate)[0]!
  const { judge } = config.compare
  const rows = asked.map(({ item, comparison }) =>
    pairRowOf(comparison, item.exchange.sampleProbability * item.inclusionProbability),
  )
  const verdict = verdictOf({
    candidate: arm,
    control: armsOf(config).find(({ name }) => name === controlArm) ?? null,
    rows: rows.toSorted((a, b) => a.capturedAtMs - b.capturedAtMs || (a.exchangeId < b.exchangeId ? -1 : 1)),
    ledger: {
      balanced: true,
      missing: 0,
      lines: [{ stage: 'golden', arm: candidate, outcome: 'asked', reason: null, count: asked.length }],
    },
    gates: config.gates,
    asOf: now,
    trafficEnded: true,
    judge:
      judge === false ? null : { version: judgeVersion(judge, config.providers), allowOwnFamily: judge.allowOwnFamily },
    candidates: config.candidates.length,
    campaign: null,
  })
  return {
    version: 1,
    set,
    split,
    candidate,
    armFingerprint: arm.fingerprint,
    verdict: { ...verdict, caveats: [...caveatsOf(set, split, asked), ...verdict.caveats] },
    items: asked.map(resultOf),
  }
}

function caveatsOf(set: GoldenSet, split: GoldenRun['split'], asked: readonly AskedItem[]): string[] {
  const withTruth = asked.filter(({ servedQuality }) => servedQuality !== null).length
  return [
    `on ${split === 'dev' ? 'the part for development' : 'the hold-out'} of the golden set ${set.name}, version ${set.setVersion} (${set.address}): ${asked.length} exchanges`,
    ...(split === 'dev'
      ? [
          'a candidate can be made to fit this part by asking it again and again: only the hold-out, once, and traffic say more',
        ]
      : []),
    ...(withTruth === 0
      ? []
      : [`quality is against the ground truth of ${withTruth} exchanges, else against what was served`]),
    ...(set.erased === 0 ? [] : [`${set.erased} exchanges of the set were erased`]),
    ...describeOpenings(set.openings),
  ]
}

function resultOf({ item, comparison, answer, servedQuality }: AskedItem): GoldenItemResult {
  const { measured, control } = comparison
  return {
    id: item.exchange.exchangeId,
    stratum: item.stratum,
    outcome: comparison.outcome,
    reason: comparison.reason,
    decidedBy: comparison.decidedBy,
    against: servedQuality === null ? 'served' : 'ground truth',
    quality: measured?.quality ?? null,
    controlQuality: control?.quality ?? null,
    servedQuality,
    divergence: measured?.divergence ?? null,
    ttftMs: measured?.ttftMs ?? null,
    totalMs: measured?.totalMs ?? null,
    costUsd: measured?.costUsd ?? null,
    controlCostUsd: control?.costUsd ?? null,
    answer: answer?.text ?? null,
  }
}
