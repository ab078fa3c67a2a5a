import { type Answer } from '../../../shared/contracts/answer.ts'
import { type Comparison, type Judgement, type Measured } from '../../../shared/contracts/comparison.ts'
import { type DeadLetter } from '../../../shared/contracts/dead-letter.ts'
import { type Exchange } from '../../../shared/contracts/exchange.ts'
import { type LedgerEntry } from '../../../shared/contracts/ledger.ts'
import { type Observation } from '../../../shared/contracts/observation.ts'
import { deterministicUuid } from '../../../shared/ids.ts'

export const capturedAt = '2026-11-20T10:15:00.123Z'
export const exchangeIdOf = (name: string): string => deterministicUuid('exchange', name)
export const observationIdOf = (name: string, arm: string): string => deterministicUuid('observation', name, arm)

export const anAnswer = (changes: Partial<Answer> = {}): Answer => ({
  model: 'gpt-4o-2026-08-06',
  outcome: 'ok',
  finish: 'stop',
  nativeFinish: 'stop',
  stopSequence: null,
  text: 'Es kostet 5 €',
  thinkingText: '',
  refusalText: null,
  toolCalls: [],
  serverToolCalls: [],
  usage: {
    inputTokens: 120,
    cachedInputTokens: 20,
    cacheWriteInputTokens: null,
    cacheWriteLongInputTokens: null,
    outputTokens: 8,
    reasoningTokens: null,
  },
  serviceTier: null,
  complete: true,
  anomalies: ['usage_repeated'],
  error: null,
  ...changes,
})

export const anExchange = (name = 'a', changes: Partial<Exchange> = {}): Exchange => ({
  version: 1,
  exchangeId: exchangeIdOf(name),
  capturedAt,
  source: 'tap',
  upstream: 'openai',
  route: 'support',
  task: null,
  conversationId: `conversation-${name}`,
  tenantId: `tenant-${name}`,
  sampleProbability: 0.5,
  captureMode: 'redacted',
  dialect: 'openai-chat',
  request: {
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { 'content-type': 'application/json' },
    body: {
      encoding: 'utf8',
      data: '{"model":"gpt-4o","n":12345678901234567890}',
      sizeBytes: 43,
      sha256: 'ab',
      truncated: false,
    },
    model: 'gpt-4o',
    streamed: true,
  },
  served: {
    status: 200,
    headers: {},
    body: { encoding: 'base64', data: 'AP8=', sizeBytes: 2, sha256: 'cd', truncated: true },
    end: 'complete',
    chunks: [
      { offsetMs: 210.5, sizeBytes: 100 },
      { offsetMs: 230, sizeBytes: 80 },
    ],
    ttftMs: 210.5,
    totalMs: 900,
    answer: anAnswer(),
  },
  ...changes,
})

export const anObservation = (name = 'a', arm = 'sonnet', changes: Partial<Observation> = {}): Observation => ({
  version: 1,
  observationId: observationIdOf(name, arm),
  exchangeId: exchangeIdOf(name),
  arm,
  armFingerprint: `${arm}-1`,
  askedAt: '2026-11-20T10:15:02.000Z',
  dialect: 'anthropic-messages',
  provider: 'anthropic',
  model: 'claude-sonnet-5',
  streamed: true,
  outcome: 'answered',
  notAskedReason: null,
  failureKind: null,
  status: 200,
  answer: anAnswer({ model: 'claude-sonnet-5' }),
  chunks: [{ offsetMs: 300, sizeBytes: 50 }],
  ttftMs: 300,
  totalMs: 1200,
  attempts: 1,
  waitedMs: 12.5,
  costUsd: 0.002,
  losses: [
    { parameter: 'seed', kind: 'dropped', severity: 'minor', detail: 'no such parameter' },
    { parameter: 'logit_bias', kind: 'dropped', severity: 'material', detail: 'no such parameter' },
  ],
  ...changes,
})

export const aMeasure = (changes: Partial<Measured> = {}): Measured => ({
  error: false,
  quality: 0.9,
  divergence: 0.2,
  soundness: 1,
  ttftMs: 300,
  totalMs: 1000,
  outputTokens: 10,
  costUsd: 0.002,
  ...changes,
})

export const aJudgement = (changes: Partial<Judgement> = {}): Judgement => ({
  version: 'v1',
  state: 'decided',
  reason: null,
  servedFirst: 0.5,
  armFirst: 0.5,
  cut: false,
  lengthRatio: 1.25,
  costUsd: 0.003,
  ladderQuality: 1,
  ...changes,
})

export const aComparison = (name = 'a', arm = 'sonnet', changes: Partial<Comparison> = {}): Comparison => ({
  version: 1,
  comparisonId: observationIdOf(name, arm),
  exchangeId: exchangeIdOf(name),
  arm,
  armFingerprint: `${arm}-1`,
  capturedAt,
  askedAt: null,
  comparedAt: '2026-11-20T10:15:05.000Z',
  route: 'support',
  upstream: 'openai',
  conversationId: `conversation-${name}`,
  sampleProbability: 0.5,
  task: 'text',
  request: { language: 'de', hasTools: false, promptTokens: 120, tier: 'gold' },
  promptId: 'c0ffee000001',
  streamed: true,
  servedModel: 'gpt-4o-2026-08-06',
  armModel: 'claude-sonnet-5',
  outcome: 'equivalent',
  reason: null,
  decidedBy: 'text',
  judge: aJudgement({ state: 'inconsistent', servedFirst: 0, armFirst: 1, cut: true, ladderQuality: 0.9 }),
  controlJudge: aJudgement({ costUsd: null }),
  served: { soundness: 1, ttftMs: 210.5, totalMs: 900, outputTokens: 8, costUsd: 0.001 },
  measured: aMeasure(),
  control: aMeasure({ quality: 0.95, divergence: 0.1, ttftMs: 200, totalMs: 800, costUsd: 0.001 }),
  controlFingerprint: 'control-1',
  found: { finding: 'harmful', kinds: ['facts:amount'], paths: ['/lines/*/price'], label: null },
  controlFound: { finding: 'unsure', kinds: [], paths: [], label: null, decidedBy: 'text', scores: { rouge: 0.8 } },
  servedFound: { label: null, scores: { schema_kept: 1 } },
  scores: { rouge: 0.7 },
  differences: [{ rung: 'facts', path: '/price', message: 'another number', served: '5', arm: '6' }],
  servedExcerpt: 'Es kostet 5 €',
  armExcerpt: 'Es kostet 6 €',
  losses: ['seed'],
  scorerVersion: '1+3f2a91bc',
  waived: ['a1b2c3d4'],
  notScored: { tone: 'threw TypeError' },
  scoredChars: null,
  ...changes,
})

export const aDeadLetter = (name = 'a', changes: Partial<DeadLetter> = {}): DeadLetter => ({
  version: 1,
  deadLetterId: deterministicUuid('dead-letter', name),
  failedAt: '2026-11-20T10:16:00.000Z',
  group: 'replay',
  topic: 'exchanges',
  partition: 3,
  offset: '17',
  key: `conversation-${name}`,
  errorCode: 'MESSAGE_MALFORMED',
  message: 'not as agreed',
  attempts: 2,
  valueBase64: Buffer.from(JSON.stringify({ exchangeId: exchangeIdOf(name) })).toString('base64'),
  resentAt: null,
  ...changes,
})

export const aLedgerEntry = (name: string, changes: Partial<LedgerEntry> = {}): LedgerEntry => ({
  version: 1,
  entryId: deterministicUuid('entry', name),
  hour: '2026-11-20T10:00:00.000Z',
  stage: 'tap',
  upstream: 'openai',
  route: 'support',
  outcome: 'served',
  reason: null,
  count: 1,
  ...changes,
})
