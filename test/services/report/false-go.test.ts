import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { gatesOf } from '../../../services/report/gates/index.ts'
import { comparablePairs, type PairRow } from '../../../services/report/pairs.ts'
import { unitsOf } from '../../../services/report/units.ts'
import { evidenceOf } from '../../support/gate-readings.ts'
import { aPairRow, candidateFailed, controlArm, gates } from '../../support/pair-rows.ts'
import { seededRandom } from '../../support/statistics.ts'

const alpha = 0.05
const runs = 80
/** Three standard errors above alpha; the seeds are fixed, so this never flickers. */
const mostFalse = alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / runs)
const declared = gatesOf(gates(), true)

type Random = () => number
/** One exchange of a candidate that is exactly at its margin; `state` is shared by the turns of one conversation. */
type Exchange = (random: Random, state: number) => Partial<PairRow>

/** Share of the runs in which the gate was inside at any of the looks. */
function shareInside(name: string, exchange: Exchange, { turns = 1, looks = [250, 500] } = {}): number {
  const gate = declared.find((each) => each.name === name)!
  let inside = 0
  for (let run = 1; run <= runs; run += 1) {
    const rows = trafficOf(exchange, Math.max(...looks) * turns, turns, seededRandom(run * 7919))
    inside += Number(looks.some((units) => isInside(gate, rows.slice(0, units * turns))))
  }
  return inside / runs
}

function trafficOf(exchange: Exchange, exchanges: number, turns: number, random: Random): PairRow[] {
  let state = 0
  return Array.from({ length: exchanges }, (_, number) => {
    if (number % turns === 0) state = random()
    return aPairRow(number, { conversationId: `c${Math.floor(number / turns)}`, ...exchange(random, state) })
  })
}

function isInside(gate: (typeof declared)[number], rows: PairRow[]): boolean {
  const pairs = comparablePairs(rows, controlArm.fingerprint)
  const { logEGo } = evidenceOf(gate, pairs, unitsOf(pairs, new Date(), true), alpha)
  return logEGo !== null && logEGo >= Math.log(1 / alpha)
}

const bell = (random: Random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
const heavy = (random: Random, spread: number) => Math.exp(spread * bell(random))
const meanHeavy = (spread: number) => Math.exp(spread ** 2 / 2)

const atTheMargin: [what: string, gate: string, exchange: Exchange, options?: { turns?: number; looks?: number[] }][] =
  [
    [
      'turns of a conversation that succeed or fail together',
      'quality',
      (random, state) => ({
        quality: Number((random() < 0.6 ? state : random()) < 0.97 * 0.95),
        controlQuality: Number(random() < 0.95),
      }),
      { turns: 4 },
    ],
    [
      'rare catastrophes, all other answers perfect',
      'quality',
      (random) => ({ quality: Number(random() >= 0.03), controlQuality: 1 }),
    ],
    [
      'rare catastrophes, all other answers better than the control’s',
      'quality',
      (random) => ({ quality: Number(random() >= 0.03), controlQuality: random() < 0.5 ? 1 : 0.9999 }),
    ],
    [
      'conversations that are lost as a whole',
      'errors',
      (_, state) => (state < 0.01 ? candidateFailed : {}),
      { turns: 4 },
    ],
    [
      'a dear tail: one answer in a hundred costs forty times as much',
      'cost',
      (random) => {
        const base = (1.02 * meanHeavy(0.5)) / (1 + 0.01 * 39)
        return {
          costUsd: 0.004 * base * (heavy(random, 0.5) / meanHeavy(0.5)) * (random() < 0.01 ? 40 : 1),
          controlCostUsd: 0.004 * heavy(random, 0.5),
        }
      },
    ],
    [
      'a tail without end, of the log-normal kind',
      'cost',
      (random) => ({
        costUsd: (0.004 * 1.02 * heavy(random, 1.5)) / meanHeavy(1.5),
        controlCostUsd: (0.004 * heavy(random, 0.5)) / meanHeavy(0.5),
      }),
    ],
    [
      'the dearest answers are mostly those without a price',
      'cost',
      (random) => {
        const isDear = random() < 0.04
        const costUsd = 0.004 * (isDear ? (1.02 - 0.96 * 0.8) / 0.04 : 0.7 + 0.2 * random())
        return { costUsd: isDear && random() < 0.8 ? null : costUsd, controlCostUsd: 0.004 }
      },
    ],
    [
      'slow answers that come together',
      'ttftP50',
      (random, state) => ({
        ttftMs: 1_200 * heavy(random, 0.3) * (state < 0.5 ? 0.7 : 1.4),
        controlTtftMs: 1_000 * heavy(random, 0.3) * (random() < 0.5 ? 0.7 : 1.4),
        servedTtftMs: 1_000 * heavy(random, 0.3),
      }),
      { turns: 4 },
    ],
    [
      'outliers eight times as slow',
      'ttftP95',
      (random) => ({
        ttftMs: 1_200 * heavy(random, 0.5) * (random() < 0.02 ? 8 : 1),
        controlTtftMs: 1_000 * heavy(random, 0.5) * (random() < 0.02 ? 8 : 1),
        servedTtftMs: 1_000 * heavy(random, 0.5),
      }),
      { looks: [500, 1_000] },
    ],
  ]

for (const [what, gate, exchange, options] of atTheMargin) {
  test(`${gate}, a candidate exactly at its margin: ${what}`, () => {
    const share = shareInside(gate, exchange, options)
    ok(share <= mostFalse, `inside in ${(share * 100).toFixed(1)} % of the runs`)
  })
}

test('the same engine lets through what is well inside', () => {
  const good: Exchange = (random) => ({ quality: Number(random() < 0.98), controlQuality: Number(random() < 0.95) })
  const cheap: Exchange = (random) => ({
    costUsd: 0.002 * heavy(random, 0.5),
    controlCostUsd: 0.004 * heavy(random, 0.5),
  })
  const looks = [1_500]

  ok(shareInside('quality', good, { looks }) > 0.9)
  ok(shareInside('cost', cheap, { looks: [500] }) > 0.9)
})
