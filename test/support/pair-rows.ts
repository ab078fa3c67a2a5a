import { Gates, type GatesConfig } from '../../shared/config/schema.ts'
import { type JudgedRow, type PairRow } from '../../services/report/pairs.ts'
import { type VerdictInput, verdictOf } from '../../services/report/verdict.ts'
import { type GateResult, type Verdict } from '../../shared/contracts/verdict.ts'
import { seededRandom } from './statistics.ts'

export const dayMs = 86_400_000
const firstCaptureMs = Date.UTC(2026, 10, 2, 8)

export const candidateArm = { name: 'subtle', fingerprint: 'fedcba9876543210', provider: 'anthropic', model: 'small-1' }
export const controlArm = { fingerprint: '0123456789abcdef' }

/** No question for a judge. */
const unjudged: JudgedRow = {
  judgeVersion: null,
  judgeState: null,
  judgeReason: null,
  judgeServedFirst: null,
  judgeArmFirst: null,
  judgeCut: false,
  judgeLengthRatio: null,
  judgeCostUsd: null,
  ladderQuality: null,
  controlJudgeVersion: null,
  controlJudgeServedFirst: null,
  controlJudgeArmFirst: null,
  controlJudgeCostUsd: null,
  controlLadderQuality: null,
}

/** An exchange that candidate and control both answered just as it was served. */
export function aPairRow(number: number, overrides: Partial<PairRow> = {}): PairRow {
  return {
    ...unjudged,
    exchangeId: `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`,
    armFingerprint: candidateArm.fingerprint,
    controlFingerprint: controlArm.fingerprint,
    capturedAtMs: firstCaptureMs + number * 60_000,
    route: 'support',
    conversationId: `conversation-${number}`,
    sampleProbability: 1,
    task: 'json',
    language: 'en',
    hasTools: false,
    promptTokens: 300,
    tier: null,
    servedModel: 'large-1',
    armModel: 'small-1',
    outcome: 'equivalent',
    reason: null,
    decidedBy: 'json',
    losses: [],
    servedSoundness: 1,
    servedTtftMs: 400,
    servedTotalMs: 1_000,
    error: false,
    quality: 1,
    divergence: 0.1,
    soundness: 1,
    ttftMs: 400,
    totalMs: 1_000,
    costUsd: 0.004,
    controlError: false,
    controlQuality: 1,
    controlDivergence: 0.1,
    controlSoundness: 1,
    controlTtftMs: 400,
    controlTotalMs: 1_000,
    controlCostUsd: 0.004,
    ...overrides,
  }
}

/** A failed candidate, as the comparison stage writes it: intention to treat. */
export const candidateFailed = {
  outcome: 'failed',
  reason: 'timeout',
  error: true,
  quality: 0,
  divergence: 1,
  soundness: 0,
  ttftMs: null,
  totalMs: null,
  costUsd: null,
} as const satisfies Partial<PairRow>

export const controlFailed = {
  controlError: true,
  controlQuality: 0,
  controlDivergence: 1,
  controlSoundness: 0,
  controlTtftMs: null,
  controlTotalMs: null,
  controlCostUsd: null,
} as const satisfies Partial<PairRow>

export const withoutControl = {
  controlFingerprint: null,
  controlError: null,
  controlQuality: null,
  controlDivergence: null,
  controlSoundness: null,
  controlTtftMs: null,
  controlTotalMs: null,
  controlCostUsd: null,
} as const satisfies Partial<PairRow>

export type TrafficShape = {
  /** Share of the answers that agree with the served one. */
  quality?: number
  controlQuality?: number
  errorRate?: number
  controlErrorRate?: number
  controlSoundness?: number
  /** How many times slower than the control, and how many times as dear. */
  slower?: number
  dearer?: number
}

/** Seeded traffic of one exchange per conversation over four days. The same seed gives the same rows. */
export function traffic(exchanges: number, shape: TrafficShape = {}, seed = 1): PairRow[] {
  const { quality = 0.98, controlQuality = 0.98, errorRate = 0, controlErrorRate = 0, controlSoundness = 0.99 } = shape
  const random = seededRandom(seed)
  const draw = (share: number) => Number(random() < share)
  return Array.from({ length: exchanges }, (_, number) => {
    const [latencyMs, controlLatencyMs] = [300 + 600 * random(), 300 + 600 * random()]
    const row = aPairRow(number, {
      capturedAtMs: firstCaptureMs + (number / exchanges) * 4 * dayMs,
      servedSoundness: draw(0.99),
      servedTtftMs: 300 + 600 * random(),
      quality: draw(quality),
      controlQuality: draw(controlQuality),
      divergence: 0.2 * random(),
      controlDivergence: 0.2 * random(),
      controlSoundness: draw(controlSoundness),
      ttftMs: latencyMs * (shape.slower ?? 1),
      totalMs: 3 * latencyMs * (shape.slower ?? 1),
      controlTtftMs: controlLatencyMs,
      controlTotalMs: 3 * controlLatencyMs,
      costUsd: (0.002 + 0.002 * random()) * (shape.dearer ?? 0.5),
      controlCostUsd: 0.002 + 0.002 * random(),
    })
    const failed = draw(errorRate) === 1 ? candidateFailed : {}
    const controlLost = draw(controlErrorRate) === 1 ? controlFailed : {}
    return { ...row, ...failed, ...controlLost }
  })
}

export const balancedLedger: Verdict['ledger'] = {
  balanced: true,
  missing: 0,
  lines: [{ stage: 'tap', arm: null, outcome: 'published', reason: null, count: 10 }],
}

export function gates(overrides: Parameters<typeof Gates.parse>[0] = {}): GatesConfig {
  return Gates.parse(overrides)
}

/** The verdict on `rows` after their traffic has ended, with the margins of an empty config. */
export function verdictOn(rows: readonly PairRow[], overrides: Partial<VerdictInput> = {}): Verdict {
  return verdictOf({
    candidate: candidateArm,
    control: controlArm,
    rows,
    ledger: balancedLedger,
    gates: gates(),
    asOf: new Date(firstCaptureMs + 30 * dayMs),
    trafficEnded: true,
    judge: null,
    candidates: 1,
    ...overrides,
  })
}

export function gateOf(verdict: Verdict, name: GateResult['gate']): GateResult {
  return verdict.gates.find(({ gate }) => gate === name)!
}
