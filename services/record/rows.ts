import { type AuditEntry } from '../../shared/contracts/audit-entry.ts'
import { type Answer, type Usage } from '../../shared/contracts/answer.ts'
import { type Body } from '../../shared/contracts/body.ts'
import { type Comparison, type Found, type Judgement, type Measured } from '../../shared/contracts/comparison.ts'
import { type DeadLetter } from '../../shared/contracts/dead-letter.ts'
import { type Chunk, type Exchange } from '../../shared/contracts/exchange.ts'
import { type LedgerEntry } from '../../shared/contracts/ledger.ts'
import { type ImportedScore } from '../../shared/contracts/score.ts'
import { type Observation, type ObservationSet } from '../../shared/contracts/observation.ts'

// Contract to row, by the columns of sql/. Text columns hold '' for none; numbers that are not known are null.

export function exchangeRow(exchange: Exchange): object {
  const { request, served } = exchange
  return {
    exchange_id: exchange.exchangeId,
    captured_at: exchange.capturedAt,
    source: exchange.source,
    upstream: exchange.upstream,
    route: exchange.route,
    task: exchange.task ?? '',
    conversation_id: exchange.conversationId,
    tenant_id: exchange.tenantId ?? '',
    sample_probability: exchange.sampleProbability,
    capture_mode: exchange.captureMode,
    dialect: exchange.dialect,
    method: request.method,
    path: request.path,
    request_model: request.model ?? '',
    streamed: request.streamed,
    request_bytes: request.body.sizeBytes,
    wire_end: served.end,
    status: status(served.status),
    answer_bytes: served.body.sizeBytes,
    chunks: served.chunks.length,
    ttft_ms: served.ttftMs,
    total_ms: served.totalMs,
    served_model: served.answer?.model ?? '',
    ...answerColumns(served.answer),
    error_type: served.answer?.error?.type ?? '',
  }
}

export function exchangeBodyRow(exchange: Exchange): object {
  const { request, served } = exchange
  return {
    exchange_id: exchange.exchangeId,
    captured_at: exchange.capturedAt,
    request_headers: request.headers,
    ...bodyColumns('request', request.body),
    answer_headers: served.headers,
    ...bodyColumns('answer', served.body),
    answer: answerText(served.answer),
    ...chunkColumns(served.chunks),
  }
}

export function observationRow(observation: Observation, exchange: Exchange): object {
  return {
    observation_id: observation.observationId,
    exchange_id: observation.exchangeId,
    arm: observation.arm,
    arm_fingerprint: observation.armFingerprint,
    captured_at: exchange.capturedAt,
    asked_at: observation.askedAt,
    route: exchange.route,
    upstream: exchange.upstream,
    dialect: observation.dialect,
    provider: observation.provider,
    model: observation.model,
    streamed: observation.streamed,
    outcome: observation.outcome,
    reason: observation.notAskedReason ?? observation.failureKind ?? '',
    status: status(observation.status),
    answer_model: observation.answer?.model ?? '',
    ...answerColumns(observation.answer),
    chunks: observation.chunks.length,
    connect_ms: observation.connectMs ?? null,
    ttft_ms: observation.ttftMs,
    total_ms: observation.totalMs,
    attempts: observation.attempts,
    waited_ms: observation.waitedMs,
    cost_usd: observation.costUsd,
    losses: observation.losses.map((loss) => loss.parameter),
    material_losses: observation.losses.filter((loss) => loss.severity === 'material').map((loss) => loss.parameter),
  }
}

export function observationBodyRow(observation: Observation, exchange: Exchange): object {
  return {
    observation_id: observation.observationId,
    exchange_id: observation.exchangeId,
    arm: observation.arm,
    captured_at: exchange.capturedAt,
    asked_at: observation.askedAt,
    answer: answerText(observation.answer),
    losses: JSON.stringify(observation.losses),
    ...chunkColumns(observation.chunks),
  }
}

export function comparisonRow(comparison: Comparison): object {
  const { served, measured, control, found, controlFound, servedFound } = comparison
  return {
    comparison_id: comparison.comparisonId,
    exchange_id: comparison.exchangeId,
    arm: comparison.arm,
    arm_fingerprint: comparison.armFingerprint,
    captured_at: comparison.capturedAt,
    asked_at: comparison.askedAt ?? comparison.comparedAt,
    compared_at: comparison.comparedAt,
    route: comparison.route,
    upstream: comparison.upstream,
    conversation_id: comparison.conversationId,
    sample_probability: comparison.sampleProbability,
    task: comparison.task,
    language: comparison.request.language ?? '',
    has_tools: comparison.request.hasTools,
    prompt_tokens: tokens32(comparison.request.promptTokens),
    tier: comparison.request.tier ?? '',
    prompt_id: comparison.promptId ?? '',
    streamed: comparison.streamed,
    served_model: comparison.servedModel ?? '',
    arm_model: comparison.armModel,
    outcome: comparison.outcome,
    reason: comparison.reason ?? '',
    decided_by: comparison.decidedBy,
    ...judgeColumns(comparison.judge ?? null),
    ...controlJudgeColumns(comparison.controlJudge ?? null),
    served_soundness: served.soundness,
    served_ttft_ms: served.ttftMs,
    served_total_ms: served.totalMs,
    served_output_tokens: tokens32(served.outputTokens),
    served_cost_usd: served.costUsd,
    ...measuredColumns('', measured),
    ...measuredColumns('control_', control),
    control_fingerprint: comparison.controlFingerprint ?? '',
    ...foundColumns('', found),
    ...foundColumns('control_', controlFound),
    control_decided_by: controlFound?.decidedBy ?? '',
    control_scores: controlFound?.scores ?? {},
    served_label: servedFound.label ?? '',
    served_scores: servedFound.scores,
    scores: comparison.scores,
    differences: JSON.stringify(comparison.differences),
    served_excerpt: comparison.servedExcerpt,
    arm_excerpt: comparison.armExcerpt,
    losses: comparison.losses,
    scorer_version: comparison.scorerVersion,
    waived: comparison.waived,
    not_scored: comparison.notScored,
    scored_chars: comparison.scoredChars,
  }
}

export function deadLetterRow(letter: DeadLetter): object {
  return {
    dead_letter_id: letter.deadLetterId,
    failed_at: letter.failedAt,
    consumer_group: letter.group,
    topic: letter.topic,
    partition: letter.partition,
    offset: letter.offset,
    key: letter.key,
    error_code: letter.errorCode,
    message: letter.message,
    attempts: letter.attempts,
    value_base64: letter.valueBase64,
    resent_at: letter.resentAt,
    exchange_id: exchangeIdIn(letter.valueBase64),
  }
}

export function ledgerRow(entry: LedgerEntry): object {
  return {
    entry_id: entry.entryId,
    hour: entry.hour,
    stage: entry.stage,
    upstream: entry.upstream,
    route: entry.route,
    outcome: entry.outcome,
    reason: entry.reason ?? '',
    count: entry.count,
  }
}

export function scoreRow(score: ImportedScore): object {
  return {
    score_id: score.scoreId,
    exchange_id: score.exchangeId,
    arm: score.arm,
    arm_fingerprint: score.armFingerprint,
    captured_at: score.capturedAt,
    name: score.name,
    scored_by: score.by,
    score: score.score,
    reason: score.reason ?? '',
    imported_at: score.importedAt,
  }
}

export function auditRow({ entryId, at, actor, action, subject, details }: AuditEntry): object {
  return { entry_id: entryId, at, actor, action, subject, details: JSON.stringify(details) }
}

/** Rows of one record by table; a message of a stage may fill several. */
export const rowsOf = {
  exchanges: (exchange: Exchange) => ({
    exchanges: [exchangeRow(exchange)],
    exchange_bodies: [exchangeBodyRow(exchange)],
  }),
  observations: ({ exchange, observations }: ObservationSet) => ({
    observations: observations.map((observation) => observationRow(observation, exchange)),
    observation_bodies: observations.map((observation) => observationBodyRow(observation, exchange)),
  }),
  comparisons: (comparison: Comparison) => ({ comparisons: [comparisonRow(comparison)] }),
  'dead-letters': (letter: DeadLetter) => ({ dead_letters: [deadLetterRow(letter)] }),
  ledger: (entry: LedgerEntry) => ({ ledger: [ledgerRow(entry)] }),
  scores: (score: ImportedScore) => ({ scores: [scoreRow(score)] }),
  audit: (entry: AuditEntry) => ({ audit_log: [auditRow(entry)] }),
}

function answerColumns(answer: Answer | null): object {
  return {
    answer_outcome: answer?.outcome ?? '',
    finish: answer?.finish ?? '',
    anomalies: answer?.anomalies ?? [],
    ...usageColumns(answer?.usage),
  }
}

function usageColumns(usage: Usage | undefined): object {
  return {
    input_tokens: usage?.inputTokens ?? null,
    cached_input_tokens: usage?.cachedInputTokens ?? null,
    output_tokens: usage?.outputTokens ?? null,
    reasoning_tokens: usage?.reasoningTokens ?? null,
  }
}

function measuredColumns(prefix: '' | 'control_', measured: Measured | null): object {
  return {
    [`${prefix}error`]: measured?.error ?? null,
    [`${prefix}quality`]: measured?.quality ?? null,
    [`${prefix}divergence`]: measured?.divergence ?? null,
    [`${prefix}soundness`]: measured?.soundness ?? null,
    [`${prefix}ttft_ms`]: measured?.ttftMs ?? null,
    [`${prefix}total_ms`]: measured?.totalMs ?? null,
    [`${prefix}output_tokens`]: tokens32(measured?.outputTokens ?? null),
    [`${prefix}cost_usd`]: measured?.costUsd ?? null,
  }
}

function foundColumns(prefix: '' | 'control_', found: Found | null): object {
  return {
    [`${prefix}finding`]: found?.finding ?? '',
    [`${prefix}kinds`]: found?.kinds ?? [],
    [`${prefix}paths`]: found?.paths ?? [],
    [`${prefix}label`]: found?.label ?? '',
  }
}

function judgeColumns(judge: Judgement | null): object {
  return {
    judge_version: judge?.version ?? '',
    judge_state: judge?.state ?? '',
    judge_reason: judge?.reason ?? '',
    judge_served_first: judge?.servedFirst ?? null,
    judge_arm_first: judge?.armFirst ?? null,
    judge_cut: judge?.cut ?? false,
    judge_length_ratio: judge?.lengthRatio ?? null,
    judge_cost_usd: judge?.costUsd ?? null,
    ladder_quality: judge?.ladderQuality ?? null,
  }
}

/** The rest of it is in the control's own row. */
function controlJudgeColumns(judge: Judgement | null): object {
  return {
    control_judge_version: judge?.version ?? '',
    control_judge_state: judge?.state ?? '',
    control_judge_served_first: judge?.servedFirst ?? null,
    control_judge_arm_first: judge?.armFirst ?? null,
    control_judge_cost_usd: judge?.costUsd ?? null,
    control_ladder_quality: judge?.ladderQuality ?? null,
  }
}

function bodyColumns(prefix: 'request' | 'answer', body: Body): object {
  return {
    [`${prefix}_body`]: body.data,
    [`${prefix}_encoding`]: body.encoding,
    [`${prefix}_sha256`]: body.sha256 ?? '',
    [`${prefix}_truncated`]: body.truncated,
  }
}

function chunkColumns(chunks: Chunk[]): object {
  return {
    chunk_offsets_ms: chunks.map((chunk) => chunk.offsetMs),
    chunk_sizes_bytes: chunks.map((chunk) => chunk.sizeBytes),
  }
}

function answerText(answer: Answer | null): string {
  return answer === null ? '' : JSON.stringify(answer)
}

/** The engine would wrap a larger number round to a small one, and a small count of tokens is a lie. */
function tokens32(count: number | null): number | null {
  return count === null || count > 0xffff_ffff ? null : count
}

function status(code: number | null): number | null {
  return code === null || code < 0 || code > 0xffff ? null : code
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Which exchange a dead record was about, if that much of it can be read: so that the ledger knows where it went. */
function exchangeIdIn(valueBase64: string): string | null {
  try {
    const record: unknown = JSON.parse(Buffer.from(valueBase64, 'base64').toString())
    const found = idOf(record) ?? idOf(isObject(record) ? record['exchange'] : null)
    return found !== null && uuid.test(found) ? found : null
  } catch {
    return null
  }
}

function idOf(value: unknown): string | null {
  return isObject(value) && typeof value['exchangeId'] === 'string' ? value['exchangeId'] : null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
