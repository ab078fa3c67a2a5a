import { type Config } from '../../../shared/config/schema.ts'
import { describeWaiver, isInForce, waiverId } from '../../../shared/config/waivers.ts'
import { type Store } from '../../../shared/store/store.ts'
import { startPool } from '../../compare/main.ts'
import { type Check, fail, ok, warn } from './check.ts'

/** The scorers of the config, each loaded in a thread as `compare` loads it. */
export async function checkScorers(config: Config): Promise<Check[]> {
  return await Promise.all(config.compare.scorers.map((scorer) => checkScorer(config, scorer)))
}

async function checkScorer(config: Config, scorer: Config['compare']['scorers'][number]): Promise<Check> {
  const title = `scorer ${scorer.name}`
  try {
    const pool = await startPool({
      config: { ...config, compare: { ...config.compare, scorers: [scorer], workers: 1 } },
    })
    await pool.close()
    return ok(title, `${scorer.module} is loaded`)
  } catch (err) {
    const reason = err instanceof Error ? err.message : String(err)
    return fail(title, reason, 'correct the module, or take it out of compare.scorers: compare does not start with it')
  }
}

/** What the comparisons of now are made with, and which waivers have covered something in them. */
export type WaiverUse = { comparisons: number; used: readonly string[] }

/** `use` null: the store cannot be asked. */
export function checkWaivers({ waivers }: Config, use: WaiverUse | null, now: Date): Check[] {
  return waivers.map((waiver) => {
    const title = `waiver ${waiverId(waiver)}`
    const what = `${describeWaiver(waiver)} (${waiver.author})`
    if (!isInForce(waiver, now)) {
      const cure = 'its differences count again: remove it, or give it a later day'
      return warn(title, `${what} expired after ${waiver.expires}`, cure)
    }
    if (use === null || use.comparisons === 0 || use.used.includes(waiverId(waiver)))
      return ok(title, `${what} is in force until ${waiver.expires}`)
    const detail = `${what} covers nothing in ${use.comparisons} comparisons that were made with it`
    return warn(title, detail, 'remove it, or correct it by rung and path of a difference in `understudy summary`')
  })
}

/** Of the comparisons that the config as it is has made. */
export async function readWaiverUse(store: Pick<Store, 'query'>, version: string): Promise<WaiverUse> {
  const [row] = await store.query<WaiverUse>(useSql, { version })
  return row!
}

const useSql = `
SELECT toFloat64(count()) AS comparisons, groupUniqArrayArray(waived) AS used
FROM comparisons_unique
WHERE scorer_version = {version:String}`
