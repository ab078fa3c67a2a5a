import { controlArm } from '../../../../shared/config/arms.ts'
import { ImportedScore } from '../../../../shared/contracts/score.ts'
import { deterministicUuid } from '../../../../shared/ids.ts'
import { encodeMessage } from '../../../../shared/log/messages.ts'
import { type TopicLog } from '../../../../shared/log/topic-log.ts'
import { type Store } from '../../../../shared/store/store.ts'
import { readScores, type ToldScore } from './read-scores.ts'

export const scoreReasons = {
  unreadable: 'not a JSON object, or without scores',
  no_exchange: 'no exchangeId, which is a UUID',
  no_arm: `no arm: a candidate's name, ${controlArm} or served`,
  no_score: 'no score that is a number',
  unknown: 'no comparison of this exchange and arm is stored',
} as const
export type ScoreReason = keyof typeof scoreReasons

export type ScoresImported = {
  /** Scores in the files; each row or metric is one. */
  read: number
  published: number
  /** Told again further down, where the later one counts. */
  repeated: number
  /** `first`: the places of the first few. */
  unusable: Partial<Record<ScoreReason, { count: number; first: string[] }>>
}

const idsAtOnce = 1_000
const recordsAtOnce = 500
const placesShown = 5
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

type Usable = ToldScore & { exchangeId: string; arm: string; score: number }
type Known = { exchangeId: string; arm: string; armFingerprint: string; capturedAtMs: number }

/** Files each score beside the comparison of its exchange and arm. A later import of the same replaces it. */
export async function importScores(
  files: readonly { name: string; text: string }[],
  by: string | undefined,
  { store, log }: { store: Pick<Store, 'query'>; log: Pick<TopicLog, 'publish'> },
  now = new Date(),
): Promise<ScoresImported> {
  const result: ScoresImported = { read: 0, published: 0, repeated: 0, unusable: {} }
  const usable: Usable[] = []
  for (const { name, text } of files) {
    for (const told of readScores(text, by)) {
      result.read++
      const place = files.length > 1 ? `${name} ${told.place}` : told.place
      const reason = whyUnusable(told)
      if (reason !== null) note(result, reason, place)
      else usable.push({ ...(told as Usable), place, exchangeId: (told as Usable).exchangeId.toLowerCase() })
    }
  }
  const known = await knownAmong(usable, store)
  const scores = new Map<string, ImportedScore>()
  for (const told of usable) {
    const found = known.get(keyOf(told))
    if (found === undefined) {
      note(result, 'unknown', told.place)
      continue
    }
    const score = scoreOf(told, found, now)
    if (scores.has(score.scoreId)) result.repeated++
    scores.set(score.scoreId, score)
  }
  const records = [...scores.values()].map((score) => ({
    key: score.exchangeId,
    value: encodeMessage(ImportedScore, score),
  }))
  for (let at = 0; at < records.length; at += recordsAtOnce)
    await log.publish('scores', records.slice(at, at + recordsAtOnce))
  return { ...result, published: records.length }
}

function whyUnusable(told: ReturnType<typeof readScores>[number]): ScoreReason | null {
  if ('unreadable' in told) return 'unreadable'
  if (told.exchangeId === null || !uuid.test(told.exchangeId)) return 'no_exchange'
  if (told.arm === null) return 'no_arm'
  return told.score === null ? 'no_score' : null
}

const keyOf = ({ exchangeId, arm }: Pick<Known, 'exchangeId' | 'arm'>): string => `${exchangeId} ${arm}`

/** By exchange and arm; the served answer belongs to any comparison of its exchange. */
async function knownAmong(scores: readonly Usable[], store: Pick<Store, 'query'>): Promise<Map<string, Known>> {
  const ids = [...new Set(scores.map(({ exchangeId }) => exchangeId))]
  const known = new Map<string, Known>()
  for (let at = 0; at < ids.length; at += idsAtOnce) {
    const rows = await store.query<Known>(comparisonsSql, { ids: ids.slice(at, at + idsAtOnce) })
    for (const row of rows) {
      known.set(keyOf(row), row)
      known.set(keyOf({ ...row, arm: 'served' }), { ...row, arm: 'served', armFingerprint: '' })
    }
  }
  return known
}

const comparisonsSql = `
SELECT toString(exchange_id) AS exchangeId, arm, argMax(arm_fingerprint, asked_at) AS armFingerprint,
  toFloat64(toUnixTimestamp64Milli(any(captured_at))) AS capturedAtMs
FROM comparisons
WHERE exchange_id IN ({ids:Array(UUID)})
GROUP BY exchange_id, arm`

function scoreOf({ exchangeId, arm, name, by, score, reason }: Usable, found: Known, now: Date): ImportedScore {
  return {
    version: 1,
    scoreId: deterministicUuid('score', exchangeId, arm, name, by),
    exchangeId,
    arm,
    armFingerprint: found.armFingerprint,
    capturedAt: new Date(found.capturedAtMs).toISOString(),
    name,
    by,
    score,
    reason,
    importedAt: now.toISOString(),
  }
}

function note({ unusable }: ScoresImported, reason: ScoreReason, place: string): void {
  const seen = (unusable[reason] ??= { count: 0, first: [] })
  seen.count++
  if (seen.first.length < placesShown) seen.first.push(place)
}

export function describeScores({ read, published, repeated, unusable }: ScoresImported): string {
  const skipped = (Object.keys(unusable) as ScoreReason[]).map((reason) => {
    const { count, first } = unusable[reason]!
    return `  ${count} not used: ${scoreReasons[reason]} (${first.join(', ')}${count > first.length ? ', …' : ''})`
  })
  const again = repeated === 0 ? [] : [`  ${repeated} told more than once: the last one counts`]
  const next = published === 0 ? [] : ['they are in the report as soon as `record` has stored them']
  return [`${published} of ${read} scores imported`, ...again, ...skipped, ...next].join('\n')
}
