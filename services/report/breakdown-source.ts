import { type BreakdownSums } from './breakdown.ts'
import { byText } from './by-text.ts'
import { added } from './days/added.ts'
import { type Ask, type DayQuestion } from './days/days.ts'
import { inSpan } from './in-span.ts'

/** The places in documents that differ most often; more are no help to a reader. */
const maxPlaces = 50
const maxKinds = 50
/** Rows of (route, served, answered, answered again): a route with more is none of labels. */
const maxLabelRows = 5_000
/** Of one day, which may be an unlucky sample of all of them. */
const maxOfDay = 2_000

/** The sums that a breakdown is made of: the store adds them up, so that no row of text or list leaves it. */
export async function readBreakdownSums(ask: Ask, hasControl: boolean): Promise<BreakdownSums> {
  const places = await ask(placesQuestion)
  const compared = new Map((await ask(documentsQuestion)).map((row) => [row.route, row]))
  return {
    // Switched off, every comparison counts.
    hasControl,
    findings: await ask(findingsQuestion),
    kinds: await ask(kindsQuestion),
    places: places
      .flatMap((place) => {
        const whole = compared.get(place.route)
        return whole === undefined ? [] : [{ ...place, exchanges: whole.exchanges, weight: whole.weight }]
      })
      .toSorted(
        (a, b) =>
          (b.candidate - b.control) / b.weight - (a.candidate - a.control) / a.weight ||
          b.candidate / b.weight - a.candidate / a.weight ||
          byText(a, b, 'route', 'path'),
      )
      .slice(0, maxPlaces),
    measures: await ask(measuresQuestion),
    labels: await ask(labelsQuestion),
    grounding: (await ask(groundingQuestion)).map((row) => ({
      route: row.route,
      exchanges: row.exchanges,
      served: { claims: row.servedClaims, ungrounded: row.servedUngrounded },
      candidate: { claims: row.candidateClaims, ungrounded: row.candidateUngrounded },
      control: { claims: row.controlClaims, ungrounded: row.controlUngrounded },
    })),
  }
}

type GroundingRow = { route: string; exchanges: number } & Record<
  `${'served' | 'candidate' | 'control'}${'Claims' | 'Ungrounded'}`,
  number
>

// 64-bit integers come as text from some versions of the engine: everything counted leaves it as a float.
const exchanges = 'toFloat64(count()) AS exchanges'
/**
 * `columns` of the comparisons that count, each with its `weight`. Not by the view: through it the engine looks at all columns of
 * the table first.
 */
const compared = (columns: string, condition = 'true') => `compared AS (
  SELECT toString(pair.route) AS name, 1 / sample_probability AS weight, ${columns}
  FROM comparisons AS pair FINAL
  WHERE arm = {arm:String} AND arm_fingerprint = {fingerprint:String} AND finding != ''
    AND ({control:String} = '' OR (control_fingerprint = {control:String} AND control_finding != ''))
    AND ${inSpan}
    AND ${condition}
)`

const findingsSql = `
WITH ${compared(`arrayJoin([
    ('candidate', toString(finding), toString(decided_by)),
    ('control', toString(control_finding), toString(control_decided_by))
  ]) AS told`)}
SELECT told.1 AS arm, told.2 AS finding, told.3 AS rung, sum(weight) AS weight, ${exchanges}
FROM compared
WHERE told.2 != ''
GROUP BY told`

const findingsQuestion: DayQuestion<BreakdownSums['findings'][number]> = {
  name: 'findings',
  sql: findingsSql,
  merge: (rows) =>
    added(rows, { keys: ['arm', 'finding', 'rung'] }).toSorted((a, b) => byText(a, b, 'arm', 'finding', 'rung')),
}

/** Each element of both lists, with the arm that it is of. */
const eachOf = (list: string) => `arrayJoin(arrayConcat(
    arrayMap(each -> ('candidate', toString(each)), ${list}),
    arrayMap(each -> ('control', toString(each)), control_${list})
  ))`
const weightOf = (arm: string) => `sumIf(compared.weight, told.1 = '${arm}') AS ${arm}`

const kindsSql = `
WITH ${compared(`${eachOf('kinds')} AS told`)}
SELECT told.2 AS kind, ${weightOf('candidate')}, ${weightOf('control')}
FROM compared
GROUP BY kind
ORDER BY candidate + control DESC, kind
LIMIT ${maxOfDay}`

const kindsQuestion: DayQuestion<BreakdownSums['kinds'][number]> = {
  name: 'kinds',
  sql: kindsSql,
  merge: (rows) =>
    added(rows, { keys: ['kind'] })
      .toSorted((a, b) => b.candidate - b.control - (a.candidate - a.control) || byText(a, b, 'kind'))
      .slice(0, maxKinds),
}

/** In both arms there were documents, or tool calls, to be held against the served ones. */
const isComparable = (scores: string) => `(mapContains(${scores}, 'json_fields') OR mapContains(${scores}, 'tool_f1'))`

const ofDocuments = compared(
  'paths, control_paths',
  `${isComparable('scores')} AND ({control:String} = '' OR ${isComparable('control_scores')})`,
)

const documentsQuestion: DayQuestion<{ route: string; weight: number; exchanges: number }> = {
  name: 'documents',
  sql: `
WITH ${ofDocuments}
SELECT name AS route, sum(compared.weight) AS weight, ${exchanges} FROM compared GROUP BY name`,
  merge: (rows) => added(rows, { keys: ['route'] }),
}

const placesQuestion: DayQuestion<{ route: string; path: string; candidate: number; control: number }> = {
  name: 'places',
  sql: `
WITH ${ofDocuments}
SELECT name AS route, told.2 AS path, ${weightOf('candidate')}, ${weightOf('control')}
FROM (SELECT name, weight, ${eachOf('paths')} AS told FROM compared) AS compared
GROUP BY route, path
ORDER BY candidate + control DESC, route, path
LIMIT ${maxOfDay}`,
  merge: (rows) => added(rows, { keys: ['route', 'path'] }),
}

const measuresSql = `
WITH ${compared(
  `arrayJoin(['tool_f1', 'argument_accuracy', 'schema_kept']) AS score,
  mapContains(scores, score) AND ({control:String} = '' OR mapContains(control_scores, score)) AS applies,
  scores[score] AS ours, control_scores[score] AS theirs, served_scores[score] AS live`,
)}
SELECT
  name AS route,
  score AS measure,
  ${exchanges},
  sum(weight) AS weight,
  if(score = 'schema_kept', sum(live * compared.weight), NULL) AS served,
  sum(ours * compared.weight) AS candidate,
  sum(theirs * compared.weight) AS control
FROM compared
WHERE applies
GROUP BY name, score`

const measuresQuestion: DayQuestion<BreakdownSums['measures'][number]> = {
  name: 'measures',
  sql: measuresSql,
  merge: (rows) => added(rows, { keys: ['route', 'measure'] }).toSorted((a, b) => byText(a, b, 'route', 'measure')),
}

const labelsSql = `
WITH ${compared('toString(served_label) AS live, toString(label) AS ours, toString(control_label) AS theirs', "task = 'label' AND served_label != ''")}
SELECT name AS route, live AS served, ours AS candidate, theirs AS control, toFloat64(count()) AS count
FROM compared
GROUP BY name, live, ours, theirs
ORDER BY count DESC, name, live, ours, theirs
LIMIT ${maxLabelRows}`

const labelsQuestion: DayQuestion<BreakdownSums['labels'][number]> = {
  name: 'labels',
  sql: labelsSql,
  merge: (rows) =>
    added(rows, { keys: ['route', 'served', 'candidate', 'control'] })
      .toSorted((a, b) => b.count - a.count || byText(a, b, 'route', 'served', 'candidate', 'control'))
      .slice(0, maxLabelRows),
}

const claims = (arm: string, scores: string) => {
  const weighed = `${scores}['grounded_claims'] * weight`
  return `sum(${weighed}) AS ${arm}Claims, sum((1 - ${scores}['grounded']) * ${weighed}) AS ${arm}Ungrounded`
}

const groundingSql = `
WITH ${compared(
  'scores, control_scores, served_scores',
  "mapContains(scores, 'grounded_claims') AND ({control:String} = '' OR mapContains(control_scores, 'grounded_claims'))",
)}
SELECT name AS route, ${exchanges},
  ${claims('served', 'served_scores')},
  ${claims('candidate', 'scores')},
  ${claims('control', 'control_scores')}
FROM compared
GROUP BY name`

const groundingQuestion: DayQuestion<GroundingRow> = {
  name: 'grounding',
  sql: groundingSql,
  merge: (rows) => added(rows, { keys: ['route'] }).toSorted((a, b) => byText(a, b, 'route')),
}
