import { controlArm } from '../../shared/config/arms.ts'
import { type Config, type WaiverConfig } from '../../shared/config/schema.ts'
import { describeWaiver, isInForce, waiverId } from '../../shared/config/waivers.ts'
import { type Scoring } from '../../shared/contracts/verdict.ts'
import { type Store } from '../../shared/store/store.ts'
import { byText } from './by-text.ts'
import { added } from './days/added.ts'
import { type Ask, type DayQuestion, type Subject } from './days/days.ts'
import { inSpan } from './in-span.ts'

/** The config's part in scoring, as it is now. */
export type ScoringTerms = {
  waivers: readonly WaiverConfig[]
  scorers: readonly Pick<Config['compare']['scorers'][number], 'name' | 'as'>[]
  at: Date
}

type Of = 'candidate' | 'control' | 'served'
type ShownRow = { name: string; by: string; of: Of; scored: number; mean: number | null }

export async function readScoring(
  ask: Ask,
  store: Pick<Store, 'query'>,
  subject: Subject,
  terms: ScoringTerms,
): Promise<Scoring> {
  const names = terms.scorers.map(({ name }) => name)
  const [totals] = await ask(waivedQuestion)
  const versions = await ask(versionsQuestion)
  const uses = await ask(waiversQuestion)
  const own = (names.length === 0 ? [] : await ask(ownQuestion, { names })).map(({ sum, ...row }) => ({
    ...row,
    by: '',
    mean: row.scored === 0 ? null : sum / row.scored,
  }))
  const silent = await ask(notScoredQuestion)
  // Most have none, and to see that costs less than to add up what is in force.
  const hasImported = (await store.query('SELECT 1 FROM scores LIMIT 1')).length > 0
  const imported = hasImported ? await store.query<ShownRow>(importedSql, subject) : []
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

const versionsQuestion: DayQuestion<Scoring['versions'][number]> = {
  name: 'versions',
  sql: `
SELECT toString(scorer_version) AS version, toFloat64(count()) AS comparisons
FROM comparisons AS pair FINAL
WHERE ${ofCandidate} AND ${inSpan} AND ${compared}
GROUP BY version`,
  merge: (rows) =>
    added(rows, { keys: ['version'] }).toSorted((a, b) => b.comparisons - a.comparisons || byText(a, b, 'version')),
}

const waivedQuestion: DayQuestion<{ comparisons: number; equivalent: number }> = {
  name: 'waived',
  sql: `
SELECT toFloat64(countIf(notEmpty(waived))) AS comparisons,
  toFloat64(countIf(notEmpty(waived) AND outcome = 'equivalent')) AS equivalent
FROM comparisons AS pair FINAL
WHERE ${ofCandidate} AND ${inSpan} AND ${compared}`,
  merge: (rows) => added(rows, { keys: [] }),
}

const waiversQuestion: DayQuestion<{ id: string; of: Of; comparisons: number }> = {
  name: 'waivers',
  sql: `
SELECT toString(arrayJoin(waived)) AS id, ${of}, toFloat64(count()) AS comparisons
FROM comparisons AS pair FINAL
WHERE ${ofBoth} AND ${inSpan} AND notEmpty(waived)
GROUP BY id, of`,
  merge: (rows) => added(rows, { keys: ['id', 'of'] }),
}

const ownQuestion: DayQuestion<{ name: string; of: Of; scored: number; sum: number }> = {
  name: 'own scores',
  sql: `
SELECT arrayJoin({names:Array(String)}) AS name, ${of},
  toFloat64(countIf(mapContains(scores, name))) AS scored, sumIf(scores[name], mapContains(scores, name)) AS sum
FROM comparisons AS pair FINAL
WHERE ${ofBoth} AND ${inSpan}
GROUP BY name, of`,
  merge: (rows) => added(rows, { keys: ['name', 'of'] }),
}

const notScoredQuestion: DayQuestion<{ name: string; reason: string; comparisons: number }> = {
  name: 'not scored',
  sql: `
SELECT toString(silent.1) AS name, toString(silent.2) AS reason, toFloat64(count()) AS comparisons
FROM comparisons AS pair FINAL
ARRAY JOIN mapKeys(not_scored) AS scorer, mapValues(not_scored) AS why
WHERE ${ofCandidate} AND ${inSpan}
GROUP BY (scorer, why) AS silent`,
  merge: (rows) =>
    added(rows, { keys: ['name', 'reason'] }).toSorted(
      (a, b) => b.comparisons - a.comparisons || byText(a, b, 'reason'),
    ),
}

const importedSql = `
SELECT toString(name) AS name, toString(scored_by) AS by,
  multiIf(arm = 'served', 'served', arm = '${controlArm}', 'control', 'candidate') AS of,
  toFloat64(count()) AS scored, avg(score) AS mean
FROM scores_unique
WHERE (arm IN ('served', '${controlArm}') OR ${ofCandidate}) AND ${inSpan}
GROUP BY name, by, of
ORDER BY name, by`
