import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Assumptions, planFor, type UnitCosts } from './capacity/plan.ts'

const given: Assumptions = {
  utilisation: 0.5,
  dollarsPerCoreHour: 0.04,
  dollarsPerGibMonth: 0.1,
  bodiesDays: 30,
  metricsDays: 400,
  logDays: 7,
  replicas: 3,
}

/** What so many exchanges a second take, from the unit costs that `npm run bench -- pipeline` measured on this machine. */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { out: { type: 'string', default: 'data/bench' } } })
  const file = join(values.out, 'pipeline.json')
  if (!existsSync(file)) {
    console.error(`There is no ${file} to compute from: run \`npm run bench -- pipeline\` first.`)
    process.exitCode = 1
    return
  }
  const units = JSON.parse(readFileSync(file, 'utf8')) as UnitCosts
  const rows = [1, 10, 100, 1_000].map((rate) => planFor(rate, units, given))
  const size = (gib: number) =>
    gib < 1_000 ? `${gib.toFixed(gib < 10 ? 1 : 0)} GiB` : `${(gib / 1024).toFixed(1)} TiB`
  const { bodies, numbers, log } = units.bytesPerExchange
  console.log(
    [
      `Each exchange asked of ${units.arms} arms; cores ${100 * given.utilisation} % full; $${given.dollarsPerCoreHour} a core and hour, $${given.dollarsPerGibMonth} a GiB and month;`,
      `texts kept ${given.bodiesDays} days, numbers ${given.metricsDays}, the log ${given.logDays} days in ${given.replicas} copies (one up to 10 a second).`,
      `On disk ${bodies.toFixed(0)} B of texts, ${numbers.toFixed(0)} B of numbers, ${log.toFixed(0)} B of log an exchange.`,
      '',
      '| exchanges a second | cores: replay, compare, record, brokers | cores to have | brokers | store | log | dollars a month |',
      '|--:|---|--:|--:|--:|--:|--:|',
      ...rows.map(({ exchangesPerSecond, cores, coresToHave, brokers, storeGib, logGib, dollarsPerMonth }) => {
        const each = [cores.replay, cores.compare, cores.record, cores.broker].map((count) => count.toFixed(2))
        return `| ${exchangesPerSecond} | ${each.join(', ')} | ${coresToHave} | ${brokers} | ${size(storeGib)} | ${size(logGib)} | ${dollarsPerMonth.toFixed(0)} |`
      }),
    ].join('\n'),
  )
}
