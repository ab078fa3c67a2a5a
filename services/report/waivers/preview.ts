import { z } from 'zod'
import { controlArm } from '../../../shared/config/arms.ts'
import { coverOf } from '../../../shared/config/waiver-cover.ts'
import { describeWaiver, waiverId } from '../../../shared/config/waivers.ts'
import { Difference } from '../../../shared/contracts/comparison.ts'
import { type WaiverPreview, type WaiverRule } from '../../../shared/contracts/waiver-preview.ts'
import { isWithheld } from '../../../shared/encryption/sealed-store.ts'
import { type Store } from '../../../shared/store/store.ts'

/** Differences are read as text, so not those of a year. */
const mostPairs = 20_000
const examplesShown = 10

export type PreviewQuery = {
  candidate: { name: string; fingerprint: string }
  controlFingerprint: string | null
  rule: WaiverRule
  sinceMs: number
  untilMs: number
  mayReadBodies: boolean
}

type Row = {
  comparisonId: string
  exchangeId: string
  route: string
  capturedAtMs: number
  outcome: string
  quality: number | null
  differences: string
}
type Covered = { row: Row; covered: Difference[]; others: number }

/** What the rule would waive of what is stored. */
export async function previewWaiver(store: Pick<Store, 'query'>, query: PreviewQuery): Promise<WaiverPreview> {
  const { candidate, controlFingerprint, rule, mayReadBodies } = query
  const of = (arm: string, fingerprint: string) => ({
    arm,
    fingerprint,
    route: rule.route ?? '',
    sinceMs: query.sinceMs,
    untilMs: query.untilMs,
  })
  const own = of(candidate.name, candidate.fingerprint)
  const [counts] = await store.query<{ compared: number; different: number }>(countsSql, own)
  const speaksOf = (arm: string) => rule.arm === undefined || rule.arm === arm
  const rows = speaksOf(candidate.name) ? await store.query<Row>(differencesSql, { ...own, limit: mostPairs }) : []
  const pairs = coveredIn(rows, rule)
  const controls =
    controlFingerprint !== null && speaksOf(controlArm)
      ? await store.query<Row>(differencesSql, { ...of(controlArm, controlFingerprint), limit: mostPairs })
      : []
  const waived = pairs.filter(({ others }) => others === 0)
  const { compared, different } = counts!
  return {
    version: 1,
    candidate: candidate.name,
    covers: describeWaiver(asWaiver(rule)),
    waiverId: waiverId(asWaiver(rule)),
    compared,
    different,
    pairs: pairs.length,
    waivedPairs: waived.length,
    share: compared === 0 ? null : waived.length / compared,
    controlPairs: coveredIn(controls, rule).length,
    cut: rows.length === mostPairs || controls.length === mostPairs,
    examples: pairs.slice(0, examplesShown).map(({ row, covered, others }) => ({
      exchangeId: row.exchangeId,
      route: row.route,
      capturedAt: new Date(row.capturedAtMs).toISOString(),
      outcome: row.outcome,
      quality: row.quality,
      differences: covered.map((difference) =>
        mayReadBodies ? difference : { ...difference, message: '', served: null, arm: null },
      ),
      others,
    })),
  }
}

/** Its identity and its words hang on the rule alone. */
const asWaiver = (rule: WaiverRule) => ({ ...rule, reason: '', author: '', expires: '' })

function coveredIn(rows: readonly Row[], rule: WaiverRule): Covered[] {
  const covers = coverOf(rule)
  return rows.flatMap((row) => {
    const all = differencesOf(row).filter(({ waivedBy }) => waivedBy === undefined)
    const covered = all.filter(covers)
    return covered.length === 0 ? [] : [{ row, covered, others: all.length - covered.length }]
  })
}

/** None where they are sealed with a key that is not here. */
function differencesOf({ differences }: Row): Difference[] {
  return differences === '' || isWithheld(differences) ? [] : z.array(Difference).parse(JSON.parse(differences))
}

const ofArm = `arm = {arm:String} AND arm_fingerprint = {fingerprint:String} AND ({route:String} = '' OR route = {route:String})
  AND captured_at >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
  AND captured_at <= fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')`

const countsSql = `
SELECT toFloat64(countIf(outcome != 'not_comparable')) AS compared, toFloat64(countIf(outcome = 'different')) AS different
FROM comparisons_unique
WHERE ${ofArm}`

const differencesSql = `
SELECT toString(comparison_id) AS comparisonId, toString(exchange_id) AS exchangeId, route,
  toFloat64(toUnixTimestamp64Milli(captured_at)) AS capturedAtMs, outcome, quality, differences
FROM comparisons_unique
WHERE ${ofArm} AND outcome = 'different'
ORDER BY captured_at DESC, exchange_id
LIMIT {limit:UInt32}`
