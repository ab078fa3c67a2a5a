import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { type Config } from '../../shared/config/schema.ts'
import { type Report } from '../../shared/contracts/report.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { errorCode, type ErrorCode } from '../../shared/errors.ts'
import { type Logger } from '../../shared/logger.ts'
import { type CampaignKeeper } from './campaigns/store.ts'
import { withFacts } from './load-report.ts'
import { candidatesOf, loadVerdicts, periodOf } from './load-verdicts.ts'
import { type ReportMetrics } from './metrics.ts'
import { pagePolicy } from './page.ts'
import { formats } from './format/index.ts'
import { parseQuery, ReportParameters, VerdictParameters, WorstParameters } from './query.ts'
import { type Admit } from './admit.ts'
import { registerGolden } from './golden/golden-api.ts'
import { createRecent } from './recent.ts'
import { type LabelStore } from './review/labels.ts'
import { registerReview } from './review/review-api.ts'
import { registerWaivers } from './waivers/waivers-api.ts'
import { registerRolloutGate } from './rollout-gate.ts'
import { type ReportSource } from './source.ts'
import { type Settler } from './sums/settle-campaigns.ts'

export type ApiContext = {
  config: Config
  source: ReportSource
  campaigns: CampaignKeeper
  settler: Settler
  metrics: ReportMetrics
  logger: Logger
  store: LabelStore
  admit: Admit
  /** Whoever asks takes texts of users away. */
  exported: (request: FastifyRequest, subject: string, details?: Record<string, string>) => void
}

/** A verdict moves by the hour; asked more often than this it comes from memory. */
const keptMs = 5_000

const statuses: Partial<Record<ErrorCode, number>> = {
  CANDIDATE_UNKNOWN: 404,
  CONFIG_INVALID: 409,
  NOT_FOUND: 404,
  STORE_READ_ONLY: 409,
  USAGE: 400,
  STORE_UNAVAILABLE: 503,
  LOG_UNAVAILABLE: 503,
}

/** Every address of the report on one Fastify instance. */
export function registerApi(app: FastifyInstance, context: ApiContext): void {
  const { config, source, campaigns, settler, metrics, logger } = context
  const recent = createRecent<Verdict[]>(keptMs)
  const current = (candidate?: string) =>
    recent(candidate ?? '', async () => {
      await campaigns.begin()
      await settler.settle(new Date())
      const verdicts = await loadVerdicts(source, config, { candidate, asOf: new Date() })
      await campaigns.keep(verdicts)
      return verdicts
    })
  const recentReport = createRecent<Report>(keptMs)
  const currentReport = () =>
    recentReport('', async () => {
      const verdicts = await current()
      // The window of the verdicts, which may have been drawn a moment ago.
      const asOf = new Date(verdicts[0]?.asOf ?? Date.now())
      return await withFacts(source, config, { asOf }, verdicts)
    })

  app.addHook('onResponse', (request, reply, done) => {
    metrics.observeRequest(request.routeOptions.url ?? 'unknown', reply.statusCode, reply.elapsedTime / 1000)
    done()
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    done()
  })
  app.setErrorHandler((err, _request, reply) => sendError(err, reply, logger))
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: { code: 'NOT_FOUND', message: `there is nothing at ${request.url}: start at /` } }),
  )

  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', async () => {
    await source.ready()
    return { status: 'ok' }
  })
  app.get('/metrics', async (_request, reply) => {
    const exposition = await metrics.expose(await current())
    return reply.type(metrics.contentType).send(exposition)
  })
  app.get('/', async (_request, reply) => {
    const page = formats.html.of(await currentReport())
    return reply.type('text/html; charset=utf-8').header('content-security-policy', pagePolicy).send(page)
  })
  app.get('/api/v1/report', async (request, reply) => {
    const { format } = parseQuery(ReportParameters, request.query)
    const report = await currentReport()
    context.exported(request, 'report', { format })
    void reply.header('content-security-policy', pagePolicy)
    return reply.type(`${formats[format].type}; charset=utf-8`).send(formats[format].of(report))
  })
  registerQuestions(app, context, current)
  registerRolloutGate(app, current)
  registerReview(app, context)
  registerWaivers(app, context)
  registerGolden(app, context)
}

function registerQuestions(
  app: FastifyInstance,
  { config, source, exported }: ApiContext,
  current: (candidate: string) => Promise<Verdict[]>,
): void {
  app.get('/api/v1/candidates', () => ({
    version: 1,
    candidates: candidatesOf(config).map(({ name, fingerprint, provider, model, routes }) => ({
      name,
      armFingerprint: fingerprint,
      provider,
      model,
      routes,
    })),
  }))
  app.get<{ Params: { name: string } }>('/api/v1/candidates/:name/verdict', async (request) => {
    const candidate = request.params.name
    const { since, asOf } = parseQuery(VerdictParameters, request.query)
    const isCurrent = since === undefined && asOf === undefined
    const [verdict] = isCurrent
      ? await current(candidate)
      : await loadVerdicts(source, config, { candidate, since, asOf: asOf ?? new Date() })
    return verdict
  })
  app.get('/api/v1/ledger', async () => ({ version: 1, ...(await source.ledger()) }))
  app.get('/api/v1/comparisons/worst', async (request) => {
    const { candidate, since, limit } = parseQuery(WorstParameters, request.query)
    const [arm] = candidatesOf(config, candidate)
    const period = periodOf({ since, asOf: new Date() })
    exported(request, candidate, { what: 'worst comparisons' })
    return { version: 1, candidate, comparisons: await source.worst(candidate, arm!.fingerprint, period, limit) }
  })
}

function sendError(err: unknown, reply: FastifyReply, logger: Logger): FastifyReply {
  const clientStatus = (err as { statusCode?: unknown }).statusCode
  const isRefused = typeof clientStatus === 'number' && clientStatus < 500
  // Fastify's own refusals (a body too large, of another type) say what is wrong and quote nothing of the body.
  const code = isRefused ? 'USAGE' : errorCode(err)
  const status = isRefused ? clientStatus : (statuses[code] ?? 500)
  if (status >= 500) logger.error({ err }, 'a question to the report failed')
  // What an unknown error says may quote a query or a row: only our own messages go out.
  const message = code === 'INTERNAL' ? 'the report failed to answer: its log says why' : (err as Error).message
  if (status === 503) void reply.header('retry-after', '5')
  return reply.code(status).send({ error: { code, message } })
}
