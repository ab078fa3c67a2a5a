import { type PairRow } from '../../../services/report/pairs.ts'
import { type GateName } from '../../../shared/contracts/verdict.ts'
import { aPairRow, candidateFailed } from '../../support/pair-rows.ts'
import { drawn, logNormal, type Random } from './draws.ts'

/** Traffic of a candidate that is exactly at the margin of one gate, of the built-in ones. */
export type World = {
  name: string
  gate: GateName
  /** Exchanges that share `state`: the turns of a conversation, or an hour. */
  block: number
  /** Whether a block is one unit; otherwise each exchange is. */
  blockIsUnit: boolean
  /** Of the gate; by itself the conversation. */
  unit?: 'hour'
  /** The gate fixes its scale anew at each look. */
  rereads?: boolean
  /** The method does not hold here, and says so. */
  outside?: string
  exchange: (random: Random, state: number) => Partial<PairRow>
}

const each = { block: 1, blockIsUnit: true }
/** Shares of the levels 1/6 … 6/6 of a judge. */
const levels = [0.02, 0.05, 0.1, 0.18, 0.3, 0.35]
const meanLevel = levels.reduce((sum, share, place) => sum + (share * (place + 1)) / 6, 0)

/** `A(c)` of the built-in latency gates: a candidate that takes it is exactly at the margin. */
const allowed = (ms: number) => Math.max(1.2 * ms, ms + 200)
const latencyMs = (random: Random) => 1_000 * logNormal(random, 0.5) * (random() < 0.02 ? 8 : 1)
const latencies = (random: Random) => ({
  ttftMs: allowed(latencyMs(random)),
  controlTtftMs: latencyMs(random),
  servedTtftMs: latencyMs(random),
})

/** One hour in fifty, half of the candidate's requests fail. */
const burst = (random: Random, state: number): Partial<PairRow> =>
  state < 0.02 && random() < 0.5 ? candidateFailed : {}

export const worlds: readonly World[] = [
  {
    name: 'a judge of seven levels',
    gate: 'quality',
    ...each,
    exchange(random) {
      const lowered = Number(random() < 0.03 * meanLevel * 6)
      return {
        quality: (drawn(levels, random) + 1 - lowered) / 6,
        controlQuality: (drawn(levels, random) + 1) / 6,
      }
    },
  },
  {
    name: 'pass or fail, 6 % discordant',
    gate: 'quality',
    ...each,
    exchange(random) {
      // Control passes 90 %, the candidate 97 % of that.
      const outcome = drawn([0.8565, 0.0165, 0.0435, 0.0835], random)
      return { quality: Number(outcome < 2), controlQuality: Number(outcome === 0 || outcome === 2) }
    },
  },
  {
    name: 'rare catastrophes, else slightly better',
    gate: 'quality',
    ...each,
    exchange: (random) => ({ quality: Number(random() < 0.97 * 0.98), controlQuality: 0.98 }),
  },
  { name: 'lognormal median, outliers ×8', gate: 'ttftP50', ...each, exchange: latencies },
  { name: 'lognormal p95, outliers ×8', gate: 'ttftP95', ...each, exchange: latencies },
  {
    name: 'conversations of eight turns, correlated',
    gate: 'quality',
    block: 8,
    blockIsUnit: true,
    exchange: (random, state) => ({
      quality: Number((random() < 0.55 ? state : random()) < 0.97 * 0.9),
      controlQuality: Number(random() < 0.9),
    }),
  },
  { name: 'error bursts, unit: the hour', gate: 'errors', block: 40, blockIsUnit: true, unit: 'hour', exchange: burst },
  {
    name: 'error bursts, unit: the exchange',
    gate: 'errors',
    block: 40,
    blockIsUnit: false,
    outside: 'requests of one hour are not independent: a caveat of the report once 20 have failed',
    exchange: burst,
  },
  {
    name: 'costs with a dear tail (1 % cost ×40)',
    gate: 'cost',
    ...each,
    rereads: true,
    exchange: (random) => ({
      costUsd: ((0.004 * 1.02) / 1.39) * logNormal(random, 0.5) * (random() < 0.01 ? 40 : 1),
      controlCostUsd: 0.004 * logNormal(random, 0.5),
    }),
  },
]

/** Seeded traffic, forty exchanges an hour. */
export function trafficOf({ block, blockIsUnit, exchange }: World, exchanges: number, random: Random): PairRow[] {
  let state = 0
  return Array.from({ length: exchanges }, (_, number) => {
    if (number % block === 0) state = random()
    return aPairRow(number, {
      conversationId: `u${blockIsUnit ? Math.floor(number / block) : number}`,
      capturedAtMs: Date.UTC(2026, 10, 2) + number * 90_000,
      ...exchange(random, state),
    })
  })
}
