import { ok } from 'node:assert/strict'

/** 600 pass/fail pairs, margin 0.03: 14 passed only by the candidate, 16 only by the control. */
export const workedExample = [
  ...Array<number>(14).fill(1.03),
  ...Array<number>(16).fill(-0.97),
  ...Array<number>(570).fill(0.03),
]

export const negated = (values: readonly number[]): number[] => values.map((value) => -value)

export function closeTo(actual: number, expected: number, tolerance: number): void {
  ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`)
}

/** Seeded uniform numbers in [0, 1): mulberry32. The same seed gives the same numbers on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
