import { equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'

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

export { seededRandom } from '../../shared/statistics/seeded-random.ts'

type Vector = { args: never[]; expected: unknown }
const file = new URL('../fixtures/statistics/vectors.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Vector[]>

/** Holds `f` against what independent code gives for the same arguments; `tolerance` is relative where above 1. */
export function agreesWithReference(name: string, f: (...args: never[]) => unknown, tolerance: number): void {
  ok((vectors[name]?.length ?? 0) > 0, `there are no reference values for ${name}`)
  for (const { args, expected } of vectors[name]!) {
    const what = `${name}(${JSON.stringify(args).slice(1, -1).slice(0, 120)})`
    near(f(...args), expected, tolerance, what)
  }
}

/** Numbers are near; objects have at least the expected fields, near. */
function near(actual: unknown, expected: unknown, tolerance: number, what: string): void {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const scale = Math.max(1, Math.abs(expected))
    ok(Math.abs(actual - expected) <= tolerance * scale, `${what}: ${actual} is not within ${tolerance} of ${expected}`)
  } else if (typeof expected === 'object' && expected !== null) {
    for (const [key, value] of Object.entries(expected)) {
      near((actual as Record<string, unknown>)[key], value, tolerance, `${what}.${key}`)
    }
  } else equal(actual, expected, what)
}
