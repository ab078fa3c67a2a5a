import { z } from 'zod'
import { ComparisonPage, ComparisonTexts } from '../../../shared/contracts/comparison-page.ts'
import { ExchangeView } from '../../../shared/contracts/exchange-view.ts'
import { GoldenFreezeRequest, GoldenFrozen, GoldenSets, GoldenSetView } from '../../../shared/contracts/golden.ts'
import { Report, WorstComparison } from '../../../shared/contracts/report.ts'
import {
  ReviewAgreement,
  ReviewAnswered,
  ReviewQueue,
  ReviewRequest,
  Reviews,
} from '../../../shared/contracts/review.ts'
import { CandidateDistributions, CandidateSeries } from '../../../shared/contracts/series.ts'
import { Changed, Session, SignIn } from '../../../shared/contracts/session.ts'
import { Setup } from '../../../shared/contracts/setup.ts'
import { GateName, LedgerLine, Verdict } from '../../../shared/contracts/verdict.ts'
import {
  WaiverKept,
  WaiverPreview,
  WaiverPreviewRequest,
  WaiverRequest,
} from '../../../shared/contracts/waiver-preview.ts'
import { type AccessRole } from '../access/principal.ts'
import { ExportParameters, ViewParameters } from '../golden/golden-api.ts'
import { AgreementParameters, ListParameters, QueueParameters } from '../review/review-api.ts'
import {
  ComparisonsParameters,
  TextsParameters,
  ExchangeParameters,
  GateParameters,
  ReportParameters,
  SeriesParameters,
  VerdictParameters,
  WorstParameters,
} from '../query.ts'

/** One thing that can be asked. */
export type Operation = {
  method: 'get' | 'post' | 'delete'
  /** As the server has it: `/api/v1/exchanges/:id`. */
  path: string
  summary: string
  /** The lowest role that may; null: anybody. */
  role: AccessRole | null
  query?: z.ZodObject
  body?: { type: string; schema: z.ZodType }
  answers: { status: number; type?: string; schema?: z.ZodType; words: string }[]
}

const version = z.literal(1)
const json = (schema: z.ZodType, words: string, status = 200) => ({ status, type: 'application/json', schema, words })

const Candidates = z.object({
  version,
  candidates: z.array(
    z.object({
      name: z.string(),
      armFingerprint: z.string(),
      provider: z.string(),
      model: z.string().nullable(),
      routes: z.array(z.string()).nullable(),
    }),
  ),
})
const Verdicts = z.object({ version, verdicts: z.array(Verdict) })
const Ledger = z.object({ version, balanced: z.boolean(), missing: z.int(), lines: z.array(LedgerLine) })
const Worst = z.object({ version, candidate: z.string(), comparisons: z.array(WorstComparison) })
const GateAnswer = Verdict.pick({
  version: true,
  candidate: true,
  verdict: true,
  reason: true,
  except: true,
  sentence: true,
})
const ArmList = z.object({
  version,
  arms: z.array(
    z.object({
      arm: z.string(),
      provider: z.string(),
      model: z.string().nullable(),
      state: z.enum(['asked', 'paused', 'breaker_open', 'budget_reached']),
      since: z.string().nullable(),
      spentUsd: z.number().nullable(),
      budgetUsdPerDay: z.number().nullable(),
      limits: z.record(z.string(), z.number()),
    }),
  ),
})
const ArmSwitched = z.object({ version, arm: z.string(), paused: z.boolean() })
const Taken = z.object({
  version,
  items: z.int(),
  accepted: z.int(),
  refused: z.array(z.object({ item: z.int(), reason: z.string(), message: z.string() })),
})

/** What is named in the document, so that clients have one type for it. */
export const named = {
  Session,
  SignIn,
  Changed,
  Verdict,
  GateName,
  Report,
  WorstComparison,
  CandidateSeries,
  CandidateDistributions,
  ComparisonPage,
  ComparisonTexts,
  ExchangeView,
}

/** Every address below /api and /v1; the test holds them against those that are served. */
export const operations: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/session',
    summary: 'Who asks, and what they may do',
    role: 'viewer',
    answers: [json(Session, 'known')],
  },
  {
    method: 'post',
    path: '/api/v1/session',
    summary: 'Sign a browser in with a token',
    role: null,
    body: { type: 'application/json', schema: SignIn },
    answers: [json(Session, 'signed in; the cookie is in Set-Cookie')],
  },
  {
    method: 'delete',
    path: '/api/v1/session',
    summary: 'Sign out',
    role: 'viewer',
    answers: [{ status: 204, words: 'signed out' }],
  },
  {
    method: 'get',
    path: '/api/v1/setup',
    summary: 'How the traffic of an application comes in',
    role: 'viewer',
    answers: [json(Setup, 'each upstream with the address of the tap')],
  },
  {
    method: 'get',
    path: '/api/v1/report',
    summary: 'The whole report, in one of its formats',
    role: 'viewer',
    query: ReportParameters,
    answers: [json(Report, 'as JSON; other formats have types of their own')],
  },
  {
    method: 'get',
    path: '/api/v1/events',
    summary: 'Server-sent events: `changed` with what has changed',
    role: 'viewer',
    answers: [{ status: 200, type: 'text/event-stream', schema: Changed, words: 'the data of each event' }],
  },
  {
    method: 'get',
    path: '/api/v1/candidates',
    summary: 'Candidates of the config',
    role: 'viewer',
    answers: [json(Candidates, 'in the order of the config')],
  },
  {
    method: 'get',
    path: '/api/v1/verdicts',
    summary: 'The verdicts on all candidates, without the facts beside them, which take longer over many comparisons',
    role: 'viewer',
    answers: [json(Verdicts, 'as of now, in the order of the config')],
  },
  {
    method: 'get',
    path: '/api/v1/candidates/:name/verdict',
    summary: 'The verdict on a candidate, with its evidence',
    role: 'viewer',
    query: VerdictParameters,
    answers: [json(Verdict, 'as of now, or of `asOf`')],
  },
  {
    method: 'post',
    path: '/api/v1/candidates/:name/gate',
    summary: 'The verdict as a status, for rollout controllers',
    role: 'viewer',
    query: GateParameters,
    answers: [
      json(GateAnswer, 'the expected verdict'),
      json(GateAnswer, 'the other one, or a GO with exceptions', 409),
      json(GateAnswer, 'not decided yet', 425),
    ],
  },
  {
    method: 'get',
    path: '/api/v1/candidates/:name/series',
    summary: 'What a candidate did over time, and the evidence of each gate',
    role: 'viewer',
    query: SeriesParameters,
    answers: [json(CandidateSeries, 'by the hour, or by several')],
  },
  {
    method: 'get',
    path: '/api/v1/candidates/:name/distributions',
    summary: 'How scores and latencies lie',
    role: 'viewer',
    query: SeriesParameters,
    answers: [json(CandidateDistributions, 'candidate beside control')],
  },
  {
    method: 'get',
    path: '/api/v1/comparisons',
    summary: 'Comparisons by filters, search and order, page by page',
    role: 'viewer',
    query: ComparisonsParameters,
    answers: [json(ComparisonPage, 'one page')],
  },
  {
    method: 'get',
    path: '/api/v1/comparisons/texts',
    summary: 'Beginnings of the answers of some comparisons',
    role: 'viewer',
    query: TextsParameters,
    answers: [json(ComparisonTexts, 'by comparison')],
  },
  {
    method: 'get',
    path: '/api/v1/comparisons/worst',
    summary: 'The worst of each kind',
    role: 'viewer',
    query: WorstParameters,
    answers: [json(Worst, 'the kind that costs most first')],
  },
  {
    method: 'get',
    path: '/api/v1/exchanges/:id',
    summary: 'Everything that is kept of one exchange',
    role: 'viewer',
    query: ExchangeParameters,
    answers: [json(ExchangeView, 'with texts for whoever may read them')],
  },
  {
    method: 'get',
    path: '/api/v1/ledger',
    summary: 'What became of every exchange',
    role: 'viewer',
    answers: [json(Ledger, 'over the whole recorded time')],
  },
  {
    method: 'get',
    path: '/api/v1/arms',
    summary: 'What keeps each arm from being asked',
    role: 'viewer',
    answers: [json(ArmList, 'the control first')],
  },
  ...(['pause', 'resume'] as const).map((verb): Operation => ({
    method: 'post',
    path: `/api/v1/arms/:arm/${verb}`,
    summary: verb === 'pause' ? 'Ask an arm no more' : 'Ask an arm again',
    role: 'admin',
    answers: [json(ArmSwitched, 'done')],
  })),
  {
    method: 'get',
    path: '/api/v1/openapi.json',
    summary: 'This document',
    role: 'viewer',
    answers: [json(z.record(z.string(), z.json()), 'OpenAPI 3.1')],
  },
  {
    method: 'post',
    path: '/v1/exchanges',
    summary: 'Hand exchanges in: one, a list, or one a line',
    role: 'intake',
    query: z.object({ upstream: z.string().optional() }),
    body: { type: 'application/json', schema: z.json() },
    answers: [json(Taken, 'taken, some perhaps not', 202), json(Taken, 'none was taken', 400)],
  },
  {
    method: 'get',
    path: '/api/v1/review/queue',
    summary: 'Pairs for a person to label',
    role: 'viewer',
    query: QueueParameters,
    answers: [json(ReviewQueue, 'those that wait for whoever asks')],
  },
  {
    method: 'post',
    path: '/api/v1/reviews',
    summary: 'Label an answer',
    role: 'reviewer',
    body: { type: 'application/json', schema: ReviewRequest },
    answers: [json(ReviewAnswered, 'the label', 201)],
  },
  {
    method: 'delete',
    path: '/api/v1/reviews/:id',
    summary: 'Undo a label',
    role: 'reviewer',
    answers: [json(ReviewAnswered, 'the label, undone')],
  },
  {
    method: 'get',
    path: '/api/v1/reviews',
    summary: 'Labels, the newest first',
    role: 'viewer',
    query: ListParameters,
    answers: [json(Reviews, 'undone ones too')],
  },
  {
    method: 'get',
    path: '/api/v1/reviews/agreement',
    summary: 'What people say, and how far they and the measures agree',
    role: 'viewer',
    query: AgreementParameters,
    answers: [json(ReviewAgreement, 'null where nobody has labelled')],
  },
  {
    method: 'post',
    path: '/api/v1/waivers/preview',
    summary: 'What a waiver would cover',
    role: 'reviewer',
    body: { type: 'application/json', schema: WaiverPreviewRequest },
    answers: [json(WaiverPreview, 'nothing is changed')],
  },
  {
    method: 'post',
    path: '/api/v1/waivers',
    summary: 'Keep a waiver',
    role: 'admin',
    body: { type: 'application/json', schema: WaiverRequest },
    answers: [json(WaiverKept, 'to be pasted by a person'), json(WaiverKept, 'kept in waiversFile', 201)],
  },
  {
    method: 'get',
    path: '/api/v1/golden',
    summary: 'Golden sets, the newest version of each',
    role: 'viewer',
    answers: [json(GoldenSets, 'all of them')],
  },
  {
    method: 'post',
    path: '/api/v1/golden',
    summary: 'Freeze a golden set',
    role: 'admin',
    body: { type: 'application/json', schema: GoldenFreezeRequest },
    answers: [json(GoldenFrozen, 'frozen', 201)],
  },
  {
    method: 'get',
    path: '/api/v1/golden/:name',
    summary: 'A golden set with its rows for development',
    role: 'viewer',
    query: ViewParameters,
    answers: [json(GoldenSetView, 'the hold-out is counted, and not shown')],
  },
  {
    method: 'get',
    path: '/api/v1/golden/:name/export',
    summary: 'A golden set in the form of another tool',
    role: 'viewer',
    query: ExportParameters,
    answers: [{ status: 200, words: 'an attachment' }],
  },
]
