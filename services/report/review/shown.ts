import { Answer } from '../../../shared/contracts/answer.ts'
import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { type ReviewItem, type ReviewShown, type ReviewText } from '../../../shared/contracts/review.ts'
import { readConversation } from '../../../shared/dialects/conversation.ts'
import { isWithheld } from '../../../shared/encryption/sealed-store.ts'
import { type Store } from '../../../shared/store/store.ts'

/** What a person can be expected to read of one text; more would only make the page slow. */
const mostChars = 40_000
const mostTurns = 60

/** What is kept of a pair's texts. */
export type PairTexts = {
  request: ReviewItem['request']
  served: AnswerTexts
  arm: AnswerTexts
}
export type AnswerTexts = Pick<ReviewShown, 'state' | 'text' | 'toolCalls' | 'failure'>

export type PairKey = { exchangeId: string; comparisonId: string; capturedAtMs: number }

/** Texts of these pairs by comparison. `mayRead` false: none is asked for. */
export async function readTexts(
  store: Pick<Store, 'query'>,
  pairs: readonly PairKey[],
  mayRead: boolean,
): Promise<Map<string, PairTexts>> {
  if (!mayRead) return new Map(pairs.map(({ comparisonId }) => [comparisonId, hidden]))
  if (pairs.length === 0) return new Map()
  const times = pairs.map(({ capturedAtMs }) => capturedAtMs)
  const params = {
    exchanges: pairs.map(({ exchangeId }) => exchangeId),
    observations: pairs.map(({ comparisonId }) => comparisonId),
    fromMs: Math.min(...times),
    toMs: Math.max(...times),
  }
  const [requests, answers, excerpts] = await Promise.all([
    store.query<RequestRow>(requestsSql, params),
    store.query<AnswerRow>(answersSql, params),
    store.query<ExcerptRow>(excerptsSql, params),
  ])
  const requestOf = new Map(requests.map((row) => [row.exchangeId, row]))
  const answerOf = new Map(answers.map((row) => [row.observationId, row.answer]))
  const excerptsOf = new Map(excerpts.map((row) => [row.comparisonId, row]))
  return new Map(
    pairs.map(({ exchangeId, comparisonId }) => {
      const row = requestOf.get(exchangeId)
      const beginnings = excerptsOf.get(comparisonId)
      return [
        comparisonId,
        {
          request: requestTexts(row),
          served: answerTexts(row?.answer ?? '', beginnings?.servedExcerpt ?? ''),
          arm: answerTexts(answerOf.get(comparisonId) ?? '', beginnings?.armExcerpt ?? ''),
        },
      ]
    }),
  )
}

const noText: AnswerTexts = { state: 'hidden', text: null, toolCalls: [], failure: null }
const noRequest = (state: ReviewItem['request']['state']): ReviewItem['request'] => ({
  state,
  system: null,
  turns: [],
  turnsLeftOut: 0,
})
const hidden: PairTexts = { request: noRequest('hidden'), served: noText, arm: noText }

type RequestRow = {
  exchangeId: string
  dialect: Dialect
  body: string | null
  encoding: string
  headers: Record<string, string>
  answer: string
}
type ExcerptRow = { comparisonId: string; servedExcerpt: string; armExcerpt: string }
type AnswerRow = { observationId: string; answer: string }

export function shownText(text: string): ReviewText {
  const cut = text.length > mostChars
  return { text: cut ? text.slice(0, mostChars).toWellFormed() : text, chars: text.length, cut }
}

function requestTexts(row: RequestRow | undefined): ReviewItem['request'] {
  if (row === undefined || row.body === null) return noRequest('none')
  if (isWithheld(row.body)) return noRequest('hidden')
  const read = row.encoding === 'utf8' ? readConversation(row.dialect, { body: row.body, headers: row.headers }) : null
  if (read === null) return noRequest('none')
  return {
    state: 'stored',
    system: read.system === '' ? null : shownText(read.system),
    turns: read.turns.slice(-mostTurns).map(shownText),
    turnsLeftOut: Math.max(0, read.turns.length - mostTurns),
  }
}

/** `answer` in canonical form, as it is stored; '' where it is there no more, and then its beginning may be. */
function answerTexts(answer: string, excerpt: string): AnswerTexts {
  if (isWithheld(answer) || (answer === '' && isWithheld(excerpt))) return noText
  const read = answer === '' ? null : Answer.safeParse(JSON.parse(answer)).data
  if (!read) {
    const state = excerpt === '' ? 'none' : 'excerpt'
    return { state, text: excerpt === '' ? null : shownText(excerpt), toolCalls: [], failure: null }
  }
  return {
    state: 'stored',
    text: shownText(read.text || (read.refusalText ?? '')),
    toolCalls: read.toolCalls.map(({ name, argumentsText }) => ({ name, argumentsText: shownText(argumentsText) })),
    failure: read.outcome === 'error' || read.outcome === 'incomplete_stream' ? read.outcome : null,
  }
}

const among = `captured_at >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
  AND captured_at <= fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')`

const requestsSql = `
SELECT toString(bodies.exchange_id) AS exchangeId, toString(dialect) AS dialect, request_body AS body,
  toString(request_encoding) AS encoding, request_headers AS headers, answer
FROM exchange_bodies AS bodies
INNER JOIN (SELECT exchange_id, any(dialect) AS dialect FROM exchanges WHERE ${among} GROUP BY exchange_id) AS known
  ON known.exchange_id = bodies.exchange_id
WHERE bodies.exchange_id IN ({exchanges:Array(UUID)}) AND ${among}
ORDER BY bodies.captured_at, bodies.exchange_id, stored_at DESC
LIMIT 1 BY bodies.exchange_id`

const answersSql = `
SELECT toString(observation_id) AS observationId, answer
FROM observation_bodies
WHERE observation_id IN ({observations:Array(UUID)}) AND ${among}
ORDER BY observation_id, asked_at DESC
LIMIT 1 BY observation_id`

const excerptsSql = `
SELECT toString(comparison_id) AS comparisonId, served_excerpt AS servedExcerpt, arm_excerpt AS armExcerpt
FROM comparisons
WHERE comparison_id IN ({observations:Array(UUID)}) AND ${among}
ORDER BY comparison_id, compared_at DESC
LIMIT 1 BY comparison_id`
