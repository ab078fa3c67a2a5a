import { Answer } from '../../../shared/contracts/answer.ts'
import { Exchange } from '../../../shared/contracts/exchange.ts'
import { type GoldenItem } from '../../../shared/contracts/golden.ts'
import { isWithheld } from '../../../shared/encryption/sealed-store.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type Store } from '../../../shared/store/store.ts'
import { exchangeOf, headColumns, type StoredHead } from '../../../shared/store/stored-exchange.ts'

/** What is stored of one exchange: the record without the answer's own bytes, and everything that was made of it. */
export type StoredExchange = Pick<GoldenItem, 'exchange' | 'automated' | 'human' | 'language' | 'task'>

/** In no order. ENCRYPTION_KEY_MISSING: a set of texts that cannot be read would be none. */
export async function readStoredExchanges(
  store: Pick<Store, 'query'>,
  exchangeIds: readonly string[],
): Promise<StoredExchange[]> {
  const ask = <Row>(sql: string) => store.query<Row>(sql, { ids: exchangeIds })
  const [exchanges, bodies, comparisons, labels] = await Promise.all([
    ask<StoredHead>(exchangesSql),
    ask<BodyRow>(bodiesSql),
    ask<ComparisonRow>(comparisonsSql),
    ask<LabelRow>(labelsSql),
  ])
  const bodyOf = new Map(bodies.map((row) => [row.exchangeId, row]))
  const comparisonsOf = Map.groupBy(comparisons, ({ exchangeId }) => exchangeId)
  const labelsOf = Map.groupBy(labels, ({ exchangeId }) => exchangeId)
  return exchanges.flatMap((row) => {
    const body = bodyOf.get(row.exchangeId)
    if (body === undefined) return []
    const compared = comparisonsOf.get(row.exchangeId) ?? []
    return [
      {
        exchange: readableOf(row, body),
        language: compared.find(({ language }) => language !== null)?.language ?? null,
        task: compared[0]?.task ?? row.task ?? 'text',
        automated: compared.map(({ arm, armFingerprint, outcome, decidedBy, quality, divergence, scores }) => ({
          arm,
          armFingerprint,
          outcome,
          decidedBy,
          quality,
          divergence,
          scores,
        })),
        human: (labelsOf.get(row.exchangeId) ?? []).map(({ reviewer, arm, about, label, note }) => ({
          reviewer,
          arm,
          about,
          label,
          note: note === '' || isWithheld(note) ? null : note,
        })),
      },
    ]
  })
}

type BodyRow = {
  exchangeId: string
  requestHeaders: Record<string, string>
  requestBody: string | null
  requestEncoding: 'utf8' | 'base64'
  requestTruncated: boolean
  requestSha256: string
  answerSha256: string
  answer: string
  chunkOffsetsMs: number[]
  chunkSizesBytes: number[]
}
type ComparisonRow = GoldenItem['automated'][number] & {
  exchangeId: string
  language: string | null
  task: GoldenItem['task']
}
type LabelRow = Omit<GoldenItem['human'][number], 'note'> & { exchangeId: string; labelId: string; note: string }

/** Its answer is in canonical form: its own bytes would double the set. */
function readableOf(head: StoredHead, { answer, chunkOffsetsMs, chunkSizesBytes, ...body }: BodyRow): Exchange {
  for (const text of [body.requestBody, answer]) {
    if (isWithheld(text)) throw new UnderstudyError('ENCRYPTION_KEY_MISSING', text!)
  }
  return Exchange.parse(
    exchangeOf(head, {
      ...body,
      requestSha256: body.requestSha256 || null,
      answerSha256: body.answerSha256 || null,
      chunks: chunkOffsetsMs.map((offsetMs, index) => ({ offsetMs, sizeBytes: chunkSizesBytes[index]! })),
      answer: Answer.parse(JSON.parse(answer)),
    }),
  )
}

const among = 'exchange_id IN ({ids:Array(UUID)})'

const exchangesSql = `
SELECT ${headColumns('exchanges')}
FROM exchanges
WHERE ${among}
ORDER BY exchange_id, stored_at DESC
LIMIT 1 BY exchange_id`

const bodiesSql = `
SELECT toString(exchange_id) AS exchangeId, request_headers AS requestHeaders, request_body AS requestBody,
  request_encoding AS requestEncoding, request_truncated AS requestTruncated, request_sha256 AS requestSha256, answer_sha256 AS answerSha256, answer,
  chunk_offsets_ms AS chunkOffsetsMs, arrayMap(size -> toFloat64(size), chunk_sizes_bytes) AS chunkSizesBytes
FROM exchange_bodies
WHERE ${among}
ORDER BY exchange_id, stored_at DESC
LIMIT 1 BY exchange_id`

const comparisonsSql = `
SELECT toString(exchange_id) AS exchangeId, toString(arm) AS arm, toString(arm_fingerprint) AS armFingerprint,
  toString(outcome) AS outcome, toString(decided_by) AS decidedBy, quality, divergence, scores, task, nullIf(language, '') AS language
FROM (SELECT * FROM comparisons WHERE ${among} ORDER BY comparison_id, compared_at DESC LIMIT 1 BY comparison_id)
ORDER BY arm, arm_fingerprint, comparison_id`

const labelsSql = `
SELECT toString(exchange_id) AS exchangeId, label_id AS labelId, reviewer, toString(arm) AS arm, toString(about) AS about,
  toString(label) AS label, note
FROM (SELECT * FROM labels WHERE ${among} ORDER BY label_id, changed_at DESC LIMIT 1 BY label_id)
WHERE undone_at IS NULL
ORDER BY reviewer, arm, about, arm_fingerprint, labelled_at DESC, label_id DESC
LIMIT 1 BY exchange_id, reviewer, arm, about, arm_fingerprint`
