import { type JudgeConfig } from '../../../shared/config/schema.ts'
import { type Answer } from '../../../shared/contracts/answer.ts'
import { translate } from '../../../shared/dialects/dialects.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { verdictSchema } from '../../../shared/judge/template.ts'
import { costOf, tokensOf } from '../../../shared/pricing/answer-cost.ts'
import { type PriceBook } from '../../../shared/pricing/price-book.ts'
import { type Adapter, type Call, type Reply } from '../../../shared/providers/adapter.ts'
import { rule } from '../../../shared/providers/failures.ts'
import { tryUntilAnswered } from '../../../shared/providers/retry.ts'
import { type Admission } from './admission.ts'
import { type Prompt } from './prompt.ts'
import { type JudgeVerdict, readVerdict } from './verdict.ts'

/** What one call to the judge gave. Without a verdict the reason says why; `costUsd` null: it has no price. */
export type Asked = { verdict: JudgeVerdict | null; reason: string | null; costUsd: number | null }

export type AskTools = {
  judge: JudgeConfig
  adapter: Adapter
  prices: PriceBook
  admission: Admission
  /** Aborts when calls in flight must end too. */
  halted: AbortSignal
}

export type AskJudge = (prompt: Prompt, draining: AbortSignal) => Promise<Asked>

/** Room for the verdict; what a model needs to think first is added by the rules of models. */
const mostVerdictTokens = 1_000

/** Rejects with STAGE_STOPPING, and for nothing else: whatever the judge does wrong is a reason. */
export function createAskJudge({ judge, adapter, prices, admission, halted }: AskTools): AskJudge {
  return async (prompt, draining) => {
    const call = callOf(prompt, judge, adapter)
    const estimate = estimateOf(prompt, judge.model, prices)
    if (judge.budgetUsdPerDay !== undefined && estimate.costUsd === null) return failed('unpriced')
    const entry = await admission.enter(estimate, draining)
    if (!entry.ok) return failed(entry.reason)
    const { admitted } = entry
    let used: { costUsd: number | null; tokens: number | null } = { costUsd: null, tokens: null }
    try {
      const { timeoutMs } = judge
      const { reply } = await tryUntilAnswered(() => adapter.ask({ ...call, timeoutMs, signal: halted }), {
        maxWaitMs: timeoutMs,
        onRetryAfter: (waitMs) => admitted.hold(waitMs),
        beforeRetry: () => admitted.again(draining),
        signal: draining,
      })
      const isFree = isRefusal(reply)
      const costUsd = isFree ? 0 : costOf(reply.answer, judge.model, new Date(), prices)
      used = isFree ? { costUsd: 0, tokens: 0 } : { costUsd, tokens: tokensOf(reply.answer) }
      return { ...read(reply, admission), costUsd }
    } finally {
      admitted.leave(used)
    }
  }
}

function failed(reason: string): Asked {
  return { verdict: null, reason, costUsd: 0 }
}

/** Of an answer that broke off nobody knows what it cost, so what was reserved for it stays spent. */
function isRefusal({ end, status }: Reply): boolean {
  return end === 'unreachable' || end === 'address_refused' || (status !== null && (status < 200 || status > 299))
}

function read(reply: Reply, admission: Admission): Pick<Asked, 'verdict' | 'reason'> {
  const ruling = rule(reply)
  admission.note(ruling)
  if (ruling.outcome === 'failed') return { verdict: null, reason: ruling.failureKind }
  if (ruling.outcome === 'not_asked') return { verdict: null, reason: ruling.notAskedReason }
  return verdictIn(reply.answer!)
}

function verdictIn({ outcome, refusalText, text }: Answer): Pick<Asked, 'verdict' | 'reason'> {
  if (outcome === 'refused' || (refusalText !== null && text === '')) return { verdict: null, reason: 'refused' }
  if (outcome === 'truncated_by_limit') return { verdict: null, reason: 'truncated' }
  const verdict = readVerdict(text)
  return verdict === null ? { verdict, reason: 'unparsable' } : { verdict, reason: null }
}

/** The question in the judge's dialect, as its model takes it: what it does not accept (temperature, …) is left out. */
function callOf({ system, user }: Prompt, judge: JudgeConfig, adapter: Adapter): Pick<Call, 'body' | 'headers'> {
  const question = {
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ],
    temperature: 0,
    max_tokens: mostVerdictTokens,
    response_format: { type: 'json_schema', json_schema: { name: 'verdict', strict: true, schema: verdictSchema } },
  }
  const written = translate(
    'openai-chat',
    { body: JSON.stringify(question), headers: {} },
    {
      dialect: adapter.dialect,
      model: judge.model,
      system: null,
      parameters: judge.parameters,
    },
  )
  if (!written.ok)
    throw new UnderstudyError('INTERNAL', `The question to the judge cannot be written: ${written.detail}`)
  return { body: JSON.stringify(written.body), headers: written.headers }
}

const likelyVerdictTokens = 150

function estimateOf({ system, user }: Prompt, model: string, prices: PriceBook) {
  // Four characters a token is a fair guess for prose.
  const inputTokens = Math.ceil((system.length + user.length) / 4)
  const usage = {
    inputTokens,
    cachedInputTokens: 0,
    cacheWriteInputTokens: 0,
    cacheWriteLongInputTokens: 0,
    outputTokens: likelyVerdictTokens,
    reasoningTokens: 0,
  }
  const costUsd = prices.costUsd({ model, usage, at: new Date(), serviceTier: null })
  return { tokens: inputTokens + likelyVerdictTokens, costUsd }
}
