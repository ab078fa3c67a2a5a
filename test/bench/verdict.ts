import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { coverages } from './verdict/coverage.ts'
import { falseGo } from './verdict/looks.ts'
import { plans, powerOf } from './verdict/power.ts'
import { report, type Results } from './verdict/report.ts'
import { worlds } from './verdict/worlds.ts'

/**
 * Does the verdict keep its promises? Seeded simulations: false GO at the margin, coverage of every interval, power against
 * the planning formulas. Minutes; with --full ten times as many runs. Writes data/bench/verdict.json and, made of nothing
 * else, data/bench/verdict.md.
 */
export async function bench(options: string[]): Promise<void> {
  const { values } = parseArgs({ args: options, options: { full: { type: 'boolean', default: false } } })
  const times = values.full ? 10 : 1
  const startedAt = new Date()
  const measured = {
    falseGo: worlds.map((world) => step(world.name, () => falseGo(world, { runs: 200 * times, exchanges: 20_000 }))),
    coverage: step('intervals', () => coverages(1_000 * times)),
    power: plans.map((plan) => step(`power ${plan.sd}, ${plan.margin}`, () => powerOf(plan, 500 * times))),
  }
  const minutes = (Date.now() - startedAt.getTime()) / 60_000
  const about = { startedAt: startedAt.toISOString(), minutes, node: process.version, full: values.full }
  const results: Results = { about, ...measured }
  mkdirSync('data/bench', { recursive: true })
  writeFileSync('data/bench/verdict.json', JSON.stringify(results, null, 1))
  writeFileSync('data/bench/verdict.md', report(results))
  console.log(report(results))
}

function step<Result>(name: string, run: () => Result): Result {
  process.stderr.write(`${name} …\n`)
  return run()
}
