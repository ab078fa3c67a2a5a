import { type PairRow } from '../../services/report/pairs.ts'
import { aPairRow, candidateFailed, controlFailed, withoutControl } from './pair-rows.ts'
import { seededRandom } from './statistics.ts'

export const trafficStartMs = Date.UTC(2026, 10, 2, 8)
const minuteMs = 60_000

/**
 * Seeded traffic with everything that makes adding up hard: conversations of several turns and silences, late turns, several
 * hours, incidents of both arms, unequal sampling, what has no price or no control, other settings, a judge.
 */
export function randomTraffic(seed: number, exchanges: number, hours: number): PairRow[] {
  const random = seededRandom(seed)
  const chance = (share: number) => random() < share
  const pick = <T>(...values: T[]): T => values[Math.floor(random() * values.length)]!
  const spanMs = hours * 60 * minuteMs
  const [controlDown, candidateDown] = [random() * spanMs, random() * spanMs]
  const isRare = chance(0.5)
  const isPriced = chance(0.5)
  const isJudged = chance(0.5)
  const rows: PairRow[] = []
  while (rows.length < exchanges) {
    const conversationId = `c${rows.length}`
    const quality = 0.5 + 0.5 * random()
    const kind = { route: pick('a', 'b', 'c'), language: pick('de', 'en', null), tier: pick('gold', null) }
    let atMs = random() * spanMs
    for (let turn = 0; turn < 1 + 4 * random(); turn += 1) {
      const isDown = (sinceMs: number) => atMs >= sinceMs && atMs < sinceMs + 25 * minuteMs
      const score = chance(0.8) ? 1 : random() * quality
      rows.push(
        aPairRow(rows.length, {
          ...kind,
          conversationId,
          capturedAtMs: trafficStartMs + Math.floor(atMs),
          sampleProbability: isRare && chance(0.1) ? 0.5 : 1,
          hasTools: chance(0.3),
          promptTokens: Math.floor(300 + 900 * turn * random()),
          servedSoundness: Number(chance(0.97)),
          servedTtftMs: 200 + 700 * random(),
          servedTotalMs: 900 + 2_000 * random(),
          quality: score,
          outcome: score === 1 ? 'equivalent' : 'different',
          controlQuality: chance(0.8) ? 1 : random(),
          divergence: 0.3 * random(),
          controlDivergence: 0.3 * random(),
          soundness: Number(chance(0.97)),
          controlSoundness: Number(chance(0.97)),
          ttftMs: 200 + 700 * random(),
          totalMs: 900 + 2_000 * random(),
          controlTtftMs: 200 + 700 * random(),
          controlTotalMs: 900 + 2_000 * random(),
          costUsd: isPriced && chance(0.02) ? null : 0.001 + 0.002 * random() ** 3,
          controlCostUsd: 0.001 + 0.002 * random(),
          losses: chance(0.05) ? ['seed:dropped'] : [],
          servedModel: pick('large-1', 'large-1', 'large-2', null),
          ...(isJudged && chance(0.2) ? judged(chance(0.85), random()) : {}),
          ...(chance(isDown(candidateDown) ? 0.6 : 0.01) ? candidateFailed : {}),
          ...(chance(isDown(controlDown) ? 0.6 : 0.01) ? controlFailed : {}),
          ...(chance(0.02) ? withoutControl : {}),
          ...(chance(0.02) ? { armFingerprint: 'older' } : {}),
          ...(chance(0.005) ? { quality: 7 } : {}),
          ...(chance(0.02) ? notComparable : {}),
        }),
      )
      atMs += (chance(0.1) ? 70 : 15) * minuteMs * random()
    }
  }
  return rows
}

const notComparable = { outcome: 'not_comparable', reason: 'not_asked:budget_reached', error: null } as const

function judged(agrees: boolean, ladderQuality: number): Partial<PairRow> {
  return {
    judgeVersion: 'v1',
    judgeState: 'decided',
    judgeServedFirst: 0.5,
    judgeArmFirst: agrees ? 0.5 : 1,
    judgeCostUsd: 0.001,
    judgeLengthRatio: 1 + ladderQuality,
    ladderQuality,
  }
}
