import {
  type Review,
  type ReviewedAnswer,
  type ReviewLabel,
  type ReviewReason,
} from '../../../shared/contracts/review.ts'
import { isWithheld } from '../../../shared/encryption/sealed-store.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { uuidv7 } from '../../../shared/ids.ts'
import { type Store } from '../../../shared/store/store.ts'
import { inForceSql, paramsOf, type QueueSubject } from './queue-sql.ts'

export type NewLabel = {
  exchangeId: string
  arm: string
  armFingerprint: string
  capturedAtMs: number
  about: ReviewedAnswer
  label: ReviewLabel
  note: string
  blind: boolean
  reviewer: string
  why: ReviewReason | null
  samplingProbability: number
}

/** The store as labels are kept in it. STORE_READ_ONLY where this process may not write. */
export type LabelStore = Pick<Store, 'kind' | 'query' | 'insert'>

export function refuseReader({ kind }: Pick<Store, 'kind'>): void {
  if (kind !== 'reader') return
  const cure =
    'ask the report of the process that runs record (understudy up), or keep the store on a ClickHouse server'
  throw new UnderstudyError('STORE_READ_ONLY', `this report only reads the embedded store of another process: ${cure}`)
}

export async function addLabel(store: LabelStore, label: NewLabel, now: Date): Promise<Review> {
  refuseReader(store)
  const [reviewId, labelledAt] = [uuidv7(now.getTime()), now.toISOString()]
  await store.insert('labels', [
    { label_id: reviewId, labelled_at: labelledAt, undone_at: null, changed_at: labelledAt, ...rowOf(label) },
  ])
  const { capturedAtMs: _, ...said } = label
  return { ...said, reviewId, note: label.note === '' ? null : label.note, labelledAt, undoneAt: null, inForce: true }
}

/** The label as it is then; the one before it holds again, where there was one. Undoing twice changes nothing. */
export async function undoLabel(store: LabelStore, label: StoredLabel, now: Date): Promise<Review> {
  refuseReader(store)
  const { capturedAtMs: _, ...review } = label
  if (review.undoneAt !== null) return review
  const undoneAt = now.toISOString()
  await store.insert('labels', [
    {
      label_id: review.reviewId,
      labelled_at: review.labelledAt,
      undone_at: undoneAt,
      // Never before the row that it replaces, whatever the clock says.
      changed_at: undoneAt > review.labelledAt ? undoneAt : new Date(Date.parse(review.labelledAt) + 1).toISOString(),
      ...rowOf({ ...label, note: label.note ?? '' }),
    },
  ])
  return { ...review, undoneAt, inForce: false }
}

const rowOf = (label: NewLabel) => ({
  exchange_id: label.exchangeId,
  arm: label.arm,
  arm_fingerprint: label.armFingerprint,
  captured_at: new Date(label.capturedAtMs).toISOString(),
  about: label.about,
  label: label.label,
  note: label.note,
  blind: label.blind,
  reviewer: label.reviewer,
  why: label.why ?? '',
  sampling_probability: label.samplingProbability,
})

export type LabelFilter = { arm?: string | undefined; exchangeId?: string | undefined; limit: number; mayRead: boolean }

/** The newest first, of all settings of the arm, undone ones too. */
export async function readLabels(store: Pick<Store, 'query'>, filter: LabelFilter): Promise<Review[]> {
  const { arm, exchangeId, limit, mayRead } = filter
  const conditions = [
    ...(arm === undefined ? [] : ['arm = {arm:String}']),
    ...(exchangeId === undefined ? [] : ['exchange_id = {exchangeId:UUID}']),
  ]
  const rows = await store.query<LabelRow>(
    `${labelsSql(conditions.join(' AND ') || 'true')} ORDER BY labelledAtMs DESC, reviewId LIMIT {limit:UInt32}`,
    { ...(arm === undefined ? {} : { arm }), ...(exchangeId === undefined ? {} : { exchangeId }), limit },
  )
  return rows.map((row) => reviewOf(row, mayRead))
}

export type StoredLabel = Review & Pick<NewLabel, 'capturedAtMs'>

/** Whether it is in force is not looked at: it counts as if it were alone. */
export async function readLabel(store: Pick<Store, 'query'>, labelId: string): Promise<StoredLabel | null> {
  const [row] = await store.query<LabelRow>(labelsSql('label_id = {id:UUID}'), { id: labelId })
  return row === undefined ? null : { ...reviewOf(row, true), capturedAtMs: row.capturedAtMs }
}

export type OwnLabels = { served: ReviewLabel | null; arm: ReviewLabel | null }

/** What the asker has said of these pairs, by exchange. */
export async function readLabelsOf(
  store: Pick<Store, 'query'>,
  query: QueueSubject,
  pairs: readonly { exchangeId: string }[],
): Promise<Map<string, OwnLabels>> {
  const rows = await store.query<{ exchangeId: string; about: ReviewedAnswer; said: ReviewLabel }>(
    `SELECT toString(exchange_id) AS exchangeId, toString(about) AS about, toString(said) AS said FROM (${inForceSql})
     WHERE reviewer = {me:String} AND exchange_id IN ({ids:Array(UUID)})`,
    { ...paramsOf(query), ids: pairs.map(({ exchangeId }) => exchangeId) },
  )
  const labels = new Map<string, OwnLabels>()
  for (const { exchangeId, about, said } of rows) {
    labels.set(exchangeId, { served: null, arm: null, ...labels.get(exchangeId), [about]: said })
  }
  return labels
}

type LabelRow = Omit<Review, 'labelledAt' | 'undoneAt' | 'why' | 'inForce'> & {
  why: ReviewReason | ''
  labelledAtMs: number
  undoneAtMs: number | null
  inForce: number
  capturedAtMs: number
}

function reviewOf(stored: LabelRow, mayRead: boolean): Review {
  const { labelledAtMs, undoneAtMs, capturedAtMs: _, why, inForce, note, ...row } = stored
  return {
    ...row,
    note: !mayRead || note === '' || isWithheld(note) ? null : note,
    why: why === '' ? null : why,
    labelledAt: new Date(labelledAtMs).toISOString(),
    undoneAt: undoneAtMs === null ? null : new Date(undoneAtMs).toISOString(),
    inForce: inForce === 1,
  }
}

const labelsSql = (condition: string) => `
SELECT toString(label_id) AS reviewId, toString(exchange_id) AS exchangeId, toString(arm) AS arm,
  toString(arm_fingerprint) AS armFingerprint, toString(about) AS about, toString(label) AS label, note, blind, reviewer,
  toString(why) AS why, sampling_probability AS samplingProbability,
  toFloat64(toUnixTimestamp64Milli(captured_at)) AS capturedAtMs,
  toFloat64(toUnixTimestamp64Milli(labelled_at)) AS labelledAtMs, toFloat64(toUnixTimestamp64Milli(undone_at)) AS undoneAtMs,
  toUInt8(undone_at IS NULL AND row_number() OVER (
    PARTITION BY exchange_id, arm, arm_fingerprint, about, reviewer
    ORDER BY undone_at IS NULL DESC, labelled_at DESC, label_id DESC
  ) = 1) AS inForce
FROM labels_unique
WHERE ${condition}`
