import { type FastifyInstance, type FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Config } from '../../../shared/config/schema.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type Store } from '../../../shared/store/store.ts'
import { principalOf, requireBodies } from '../access/principal.ts'
import { type TellReading } from '../access/reading-audit.ts'
import { candidatesOf } from '../load-verdicts.ts'
import { ComparisonsParameters, ExchangeParameters, parseQuery, TextsParameters } from '../query.ts'
import { readComparisons, readTexts } from './comparisons.ts'
import { readExchange } from './exchange.ts'
import { needlesOf } from './needles.ts'

export type QuestionsContext = {
  config: Config
  store: Pick<Store, 'query'>
  exported: TellReading
}

/** What is asked about single comparisons and exchanges. */
export function registerQuestions(app: FastifyInstance, { config, store, exported }: QuestionsContext): void {
  app.get('/api/v1/comparisons', async (request) => {
    const { cursor, limit, sort, texts, q, from, to, candidate, ...filters } = parseQuery(
      ComparisonsParameters,
      request.query,
    )
    const arms = candidatesOf(config, candidate).map(({ name, fingerprint }) => ({ name, fingerprint }))
    const search = q === undefined ? {} : searchFor(q, request, config)
    if ('needles' in search) exported(request, candidate ?? 'all candidates', { what: 'search' })
    const { cursor: _cursor, limit: _limit, texts: _texts, ...of } = request.query as Record<string, string>
    return await readComparisons(store, {
      filters: { ...filters, ...search, arms, fromMs: from?.getTime(), toMs: to?.getTime() },
      sort,
      limit,
      cursor,
      of,
      mayReadBodies: principalOf(request).mayReadBodies,
      withTexts: texts === 'true',
    })
  })
  app.get('/api/v1/comparisons/texts', async (request) => {
    const { lines } = parseQuery(TextsParameters, request.query)
    requireBodies(request)
    return await readTexts(
      store,
      candidatesOf(config).map(({ name }) => name),
      lines,
    )
  })
  app.get<{ Params: { id: string } }>('/api/v1/exchanges/:id', async (request) => {
    const { candidate } = parseQuery(ExchangeParameters, request.query)
    const exchangeId = request.params.id.toLowerCase()
    if (!z.guid().safeParse(exchangeId).success)
      throw new UnderstudyError('USAGE', 'an exchange is asked for by its id: /api/v1/exchanges/0198c0de-…')
    if (candidate !== undefined) candidatesOf(config, candidate)
    const { mayReadBodies } = principalOf(request)
    const view = await readExchange(store, {
      exchangeId,
      candidate,
      candidates: config.candidates.map(({ name }) => name),
      mayReadBodies,
      bodiesDays: config.retention.bodiesDays,
    })
    // Not by its id: what is erased leaves no trace.
    if (view.bodies.state === 'stored') exported(request, view.route, { what: 'exchange' })
    return view
  })
}

/** An id is looked up by whoever may see numbers; in texts only those search who may read them. */
function searchFor(q: string, request: FastifyRequest, config: Config): { exchangeId: string } | { needles: string[] } {
  const id = z.guid().safeParse(q.trim().toLowerCase())
  if (id.success) return { exchangeId: id.data }
  requireBodies(request)
  if (config.store.encryption !== undefined)
    throw new UnderstudyError(
      'USAGE',
      'texts are sealed (store.encryption), so the store cannot search them: search for an id, or filter by route, path and outcome',
    )
  return { needles: needlesOf(q) }
}
