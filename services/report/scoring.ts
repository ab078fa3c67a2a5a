import { controlArm } from '../../shared/config/arms.ts'
import { type Config, type WaiverConfig } from '../../shared/config/schema.ts'
import { describeWaiver, isInForce, waiverId } from '../../shared/config/waivers.ts'
import { type Scoring } from '../../shared/contracts/verdict.ts'
import { type Store } from '../../shared/store/store.ts'

/** The config's part in scoring, as it is now. */
export type ScoringTerms = {
  waivers: readonly WaiverConfig[]
  scorers: readonly Pick<Config['compare']['scorers'][number], 'name' | 'as'>[]
  at: Date
}

type Parameters = { arm: string; fingerprint: string; sinceMs: number; untilMs: number }
type Of = 'candidate' | 'control' | 'served'
type ShownRow = { name: string; by: string; of: Of; scored: number; mean: number | null }

export async function readScoring(
  store: Pick<Store, 'query'>,
  parameters: Parameters,
  inPeriod: string,
  terms: ScoringTerms,
): Promise<Scoring> {
  const params = { ...parameters, names: terms.scorers.map(({ name }) => name) }
  const ask = <Row>(sql: (inPeriod: string) => string) => store.query<Row>(sql(inPeriod), params)
  const [versions, [totals], uses, own, silent, imported] = await Promise.all([
    ask<Scoring['versions'][number]>(versionsSql),
    ask<{ comparisons: number; equivalent: number }>(waivedSql),
    ask<{ id: string; of: Of; comparisons: number }>(waiversSql),
    ask<ShownRow>(ownSql),
    ask<{ name: string; reason: string; comparisons: number }>(notScoredSql),
    ask<ShownRow>(importedSql),
  ])
  return {
    versions,
    waived: { ...totals!, waivers: waiversOf(uses, terms) },
    own: terms.scorers.map(({ name, as }) => ({
      name,
      as,
      candidate: shownOf(own, name, '', 'candidate'),
      control: shownOf(own, name, '', 'control'),
      notScored: silent.flatMap(({ name: of, ...rest }) => (of === name ? [rest] : [])),
    })),
    imported: Object.values(Object.groupBy(imported, ({ name, by }) => JSON.stringify([name, by]))).map((rows) => {
      const { name, by } = rows![0]!
      const of = (which: Of) => shownOf(imported, name, by, which)
      return { name, by, candidate: of('candidate'), control: of('control'), served: of('served') }
    }),
  }
}

function waiversOf(
  uses: readonly { id: string; of: Of; comparisons: number }[],
  { waivers, at }: ScoringTerms,
): Scoring['waived']['waivers'] {
  const configured = new Map(waivers.map((waiver) => [waiverId(waiver), waiver]))
  const ids = new Set([...configured.keys(), ...uses.map(({ id }) => id)])
  const seen = (id: string, of: Of) => uses.find((use) => use.id === id && use.of === of)?.comparisons ?? 0
  return [...ids].map((id) => {
    const waiver = configured.get(id)
    return {
      id,
      covers: waiver === undefined ? null : describeWaiver(waiver),
      reason: waiver?.reason ?? null,
      author: waiver?.author ?? null,
      expires: waiver?.expires ?? null,
      isExpired: waiver !== undefined && !isInForce(waiver, at),
      comparisons: seen(id, 'candidate'),
      controlComparisons: seen(id, 'control'),
    }
  })
}

function shownOf(rows: readonly ShownRow[], name: string, by: string, of: Of) {
  const found = rows.find((row) => row.name === name && row.by === by && row.of === of)
  return { scored: found?.scored ?? 0, mean: found?.mean ?? null }
}

const ofCandidate = 'arm = {arm:String} AND arm_fingerprint = {fingerprint:String}'
const ofBoth = `(arm = '${controlArm}' OR ${ofCandidate})`
const of = `if(arm = '${controlArm}', 'control', 'candidate') AS of`
const compared = "outcome != 'not_comparable'"

const versionsSql = (inPeriod: string) => `
SELECT toString(scorer_version) AS version, toFloat64(count()) AS comparisons
FROM comparisons_unique
WHERE ${ofCandidate} AND ${inPeriod} AND ${compared}
GROUP BY version
ORDER BY comparisons DESC, version`

const waivedSql = (inPeriod: string) => `
SELECT toFloat64(countIf(notEmpty(waived))) AS comparisons,
  toFloat64(countIf(notEmpty(waived) AND outcome = 'equivalent')) AS equivalent
FROM comparisons_unique
WHERE ${ofCandidate} AND ${inPeriod} AND ${compared}`

const waiversSql = (inPeriod: string) => `
SELECT toString(arrayJoin(waived)) AS id, ${of}, toFloat64(count()) AS comparisons
FROM comparisons_unique
WHERE ${ofBoth} AND ${inPeriod}
GROUP BY id, of`

const ownSql = (inPeriod: string) => `
SELECT arrayJoin({names:Array(String)}) AS name, '' AS by, ${of},
  toFloat64(countIf(mapContains(scores, name))) AS scored, avgOrNullIf(scores[name], mapContains(scores, name)) AS mean
FROM comparisons_unique
WHERE ${ofBoth} AND ${inPeriod}
GROUP BY name, of`

const notScoredSql = (inPeriod: string) => `
SELECT toString(silent.1) AS name, toString(silent.2) AS reason, toFloat64(count()) AS comparisons
FROM comparisons_unique
ARRAY JOIN mapKeys(not_scored) AS scorer, mapValues(not_scored) AS why
WHERE ${ofCandidate} AND ${inPeriod}
GROUP BY (scorer, why) AS silent
ORDER BY comparisons DESC, reason`

const importedSql = (inPeriod: string) => `
SELECT toString(name) AS name, toString(scored_by) AS by,
  multiIf(arm = 'served', 'served', arm = '${controlArm}', 'control', 'candidate') AS of,
  toFloat64(count()) AS scored, avg(score) AS mean
FROM scores_unique
WHERE (arm IN ('served', '${controlArm}') OR ${ofCandidate}) AND ${inPeriod}
GROUP BY name, by, of
ORDER BY name, by`
