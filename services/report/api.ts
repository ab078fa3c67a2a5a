import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { type Config } from '../../shared/config/schema.ts'
import { type Report } from '../../shared/contracts/report.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { errorCode, type ErrorCode } from '../../shared/errors.ts'
import { type Logger } from '../../shared/logger.ts'
import { type Access } from './access/access.ts'
import { reportFor, worstFor } from './access/hide-texts.ts'
import { principalOf } from './access/principal.ts'
import { type TellReading } from './access/reading-audit.ts'
import { registerSignIn, sendSignIn } from './access/sign-in.ts'
import { type CampaignKeeper } from './campaigns/store.ts'
import { registerWebApp } from './app/web-app.ts'
import { createChanges } from './events/changes.ts'
import { countsIn, registerEvents } from './events/register.ts'
import { withFacts } from './load-report.ts'
import { candidatesOf, loadVerdicts, periodOf } from './load-verdicts.ts'
import { type ReportMetrics } from './metrics.ts'
import { pagePolicy } from './page.ts'
import { formats } from './format/index.ts'
import { parseQuery, ReportParameters, VerdictParameters, WorstParameters } from './query.ts'
import { registerQuestions } from './questions/register.ts'
import { openapiDocument } from './openapi/document.ts'
import { registerSeries } from './series/register.ts'
import { type Admit } from './admit.ts'
import { registerGolden } from './golden/golden-api.ts'
import { createRecent, staleMs } from './recent.ts'
import { registerReview } from './review/review-api.ts'
import { registerWaivers } from './waivers/waivers-api.ts'
import { registerRolloutGate } from './rollout-gate.ts'
import { setupOf } from './setup.ts'
import { type ReportSource } from './source.ts'
import { type Store } from '../../shared/store/store.ts'
import { type Settler } from './sums/settle-campaigns.ts'

export type ApiContext = {
  config: Config
  store: Pick<Store, 'kind' | 'query' | 'insert'>
  source: ReportSource
  campaigns: CampaignKeeper
  settler: Settler
  metrics: ReportMetrics
  logger: Logger
  access: Access
  /** Of the built dashboard. */
  webFolder?: string | undefined
  admit: Admit
  /** Whoever asks takes texts of users away, or reads them on the page. */
  exported: TellReading
}

/** A verdict moves by the hour; asked more often than this it comes from memory. */
const keptMs = 5_000

const statuses: Partial<Record<ErrorCode, number>> = {
  AUTH_REQUIRED: 401,
  FORBIDDEN: 403,
  CANDIDATE_UNKNOWN: 404,
  EXCHANGE_UNKNOWN: 404,
  QUESTION_TOO_SLOW: 504,
  LISTENERS_FULL: 503,
  CONFIG_INVALID: 409,
  NOT_FOUND: 404,
  STORE_READ_ONLY: 409,
  USAGE: 400,
  STORE_UNAVAILABLE: 503,
  LOG_UNAVAILABLE: 503,
}

/** Of every answer that does not say otherwise. */
const defaultHeaders = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

/** Every address of the report on one Fastify instance. */
export async function registerApi(app: FastifyInstance, context: ApiContext): Promise<void> {
  const { config, source, store, campaigns, settler, metrics, logger } = context
  const recent = createRecent<Verdict[]>(keptMs)
  const current = (candidate?: string) =>
    recent(candidate ?? '', async () => {
      await campaigns.begin()
      await settler.settle(new Date())
      const verdicts = await loadVerdicts(source, config, { candidate, asOf: new Date() })
      await campaigns.keep(verdicts)
      return verdicts
    })
  const recentReport = createRecent<Report>(keptMs, { staleMs })
  const currentReport = () =>
    recentReport('', async () => {
      const verdicts = await current()
      // The window of the verdicts, which may have been drawn a moment ago.
      const asOf = new Date(verdicts[0]?.asOf ?? Date.now())
      return await withFacts(source, config, { asOf }, verdicts)
    })

  app.addHook('onResponse', (request, reply, done) => {
    // How long a page was open is not how long it waited.
    if (request.routeOptions.url !== '/api/v1/events')
      metrics.observeRequest(request.routeOptions.url ?? 'unknown', reply.statusCode, reply.elapsedTime / 1000)
    done()
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    for (const [name, value] of Object.entries(defaultHeaders)) {
      if (!reply.hasHeader(name)) void reply.header(name, value)
    }
    done()
  })
  app.setErrorHandler((err, request, reply) => sendError(err, request, reply, context))
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: { code: 'NOT_FOUND', message: `there is nothing at ${request.url}: start at /` } }),
  )

  app.get('/healthz', { config: { isOpen: true } }, () => ({ status: 'ok' }))
  app.get('/readyz', { config: { isOpen: true } }, async () => {
    await source.ready()
    return { status: 'ok' }
  })
  app.get('/metrics', async (_request, reply) => {
    const exposition = await metrics.expose(await current())
    return reply.type(metrics.contentType).send(exposition)
  })
  const sendPage = async (request: FastifyRequest, reply: FastifyReply) => {
    const page = formats.html.of(reportFor(principalOf(request), await currentReport()))
    return reply.type('text/html; charset=utf-8').header('content-security-policy', pagePolicy).send(page)
  }
  app.get('/report', sendPage)
  if (!(await registerWebApp(app, context.webFolder))) app.get('/', sendPage)
  app.get('/api/v1/report', async (request, reply) => {
    const { format } = parseQuery(ReportParameters, request.query)
    const report = reportFor(principalOf(request), await currentReport())
    context.exported(request, 'report', { format })
    void reply.header('content-security-policy', pagePolicy)
    return reply.type(`${formats[format].type}; charset=utf-8`).send(formats[format].of(report))
  })
  app.get('/api/v1/setup', () => setupOf(config))
  registerSignIn(app, context.access)
  registerCandidates(app, context, current)
  registerQuestions(app, context)
  registerSeries(app, context, current)
  const verdicts = async () =>
    Object.fromEntries((await current()).map(({ candidate, verdict }) => [candidate, verdict]))
  const changes = createChanges({ logger, verdicts, counts: () => countsIn(store) })
  registerEvents(app, changes, context.access)
  const document = openapiDocument()
  app.get('/api/v1/openapi.json', () => document)
  registerRolloutGate(app, current)
  registerReview(app, context)
  registerWaivers(app, context)
  registerGolden(app, context)
}

function registerCandidates(
  app: FastifyInstance,
  { config, source, exported }: ApiContext,
  current: (candidate?: string) => Promise<Verdict[]>,
): void {
  app.get('/api/v1/verdicts', async () => ({ version: 1, verdicts: await current() }))
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
    const worst = await source.worst(candidate, arm!.fingerprint, period, limit)
    return { version: 1, candidate, comparisons: worstFor(principalOf(request), worst) }
  })
}

function sendError(
  err: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { logger, access }: Pick<ApiContext, 'logger' | 'access'>,
): FastifyReply {
  const clientStatus = (err as { statusCode?: unknown }).statusCode
  const isRefused = typeof clientStatus === 'number' && clientStatus < 500
  // Fastify's own refusals (a body too large, of another type) say what is wrong and quote nothing of the body.
  const code = isRefused ? 'USAGE' : errorCode(err)
  const status = isRefused ? clientStatus : (statuses[code] ?? 500)
  if (status >= 500) logger.error({ err }, 'a question to the report failed')
  // What an unknown error says may quote a query or a row: only our own messages go out.
  const message = code === 'INTERNAL' ? 'the report failed to answer: its log says why' : (err as Error).message
  if (status === 503) void reply.header('retry-after', '5')
  if (status === 401) {
    void reply.header('www-authenticate', 'Bearer')
    const isPage = request.headers.accept?.includes('text/html') === true
    if (isPage && access.hasTokens) return sendSignIn(reply, status, message)
  }
  return reply.code(status).send({ error: { code, message } })
}
