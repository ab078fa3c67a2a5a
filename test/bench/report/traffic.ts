import { type Arm } from '../../../shared/config/arms.ts'
import { type Store } from '../../../shared/store/store.ts'

export const startMs = Date.UTC(2026, 8, 1)
export const days = 30
const routes = 20
/** Five conversations, of one to five turns. */
const block = 15

/**
 * Writes so many comparisons of these arms over thirty days, made by the engine itself: the same number gives the same rows.
 * One more conversation comes hours later, as traffic that goes on, so that everything before it is over.
 */
export async function writeTraffic(
  store: Pick<Store, 'command'>,
  arms: readonly Arm[],
  control: Arm,
  rows: number,
): Promise<void> {
  const each = Math.floor(rows / arms.length / block) * block
  const stepMs = (days * 86_400_000) / each
  for (const [index, arm] of arms.entries()) {
    await store.command(insertSql(arm, control, index, { first: 0, rows: each, fromMs: startMs, stepMs }))
    const after = { first: each, rows: block, fromMs: startMs + (days * 24 + 4) * 3_600_000, stepMs: 1_000 }
    await store.command(insertSql(arm, control, index, after))
  }
}

type Part = { first: number; rows: number; fromMs: number; stepMs: number }

function insertSql(arm: Arm, control: Arm, index: number, { first, rows, fromMs, stepMs }: Part): string {
  const uniform = (salt: number) => `(sipHash64(i, ${index}, ${salt}) / 18446744073709551616.)`
  const passes = (salt: number, share: number) => `toFloat64(${uniform(salt)} < ${share})`
  const latency = (salt: number) => `(300 + 600 * ${uniform(salt)} + 2000 * pow(${uniform(salt + 50)}, 20))`
  const inBlock = `(i % ${block})`
  const turn = `multiIf(${inBlock} < 1, 0, ${inBlock} < 3, 1, ${inBlock} < 6, 2, ${inBlock} < 10, 3, 4)`
  return `
INSERT INTO comparisons (
  comparison_id, exchange_id, arm, arm_fingerprint, captured_at, compared_at, asked_at, route, upstream, conversation_id,
  sample_probability, task, language, has_tools, prompt_tokens, streamed, served_model, arm_model, outcome, decided_by,
  served_soundness, served_ttft_ms, served_total_ms, error, quality, divergence, soundness, ttft_ms, total_ms, cost_usd,
  control_error, control_quality, control_divergence, control_soundness, control_ttft_ms, control_total_ms,
  control_cost_usd, control_fingerprint, finding, control_finding, differences
)
WITH
  number + ${first} AS i,
  intDiv(i, ${block}) * 5 + ${turn} AS conversation,
  ${passes(1, 0.005)} = 1 AS isFailed,
  if(isFailed, 0., ${passes(2, 0.98)}) AS passed,
  fromUnixTimestamp64Milli(toInt64(${fromMs} + number * ${stepMs}), 'UTC') AS at
SELECT
  reinterpretAsUUID(reverse(reinterpret(toUInt128(i) * 16 + ${index}, 'FixedString(16)'))) AS id,
  id,
  '${arm.name}',
  '${arm.fingerprint}',
  at,
  at,
  at,
  concat('route-', toString(sipHash64(conversation) % ${routes})),
  'openai',
  concat('conversation-', toString(conversation)),
  1,
  'json',
  'en',
  false,
  300,
  false,
  'large-1',
  '${arm.model ?? ''}',
  multiIf(isFailed, 'failed', passed = 1, 'equivalent', 'different'),
  'json',
  ${passes(3, 0.99)},
  ${latency(4)},
  3 * ${latency(5)},
  isFailed,
  passed,
  if(isFailed, 1, 0.2 * ${uniform(6)}),
  if(isFailed, 0, ${passes(7, 0.99)}),
  if(isFailed, NULL, ${latency(8)}),
  if(isFailed, NULL, 3 * ${latency(9)}),
  if(isFailed, NULL, 0.001 + 0.001 * ${uniform(10)}),
  false,
  ${passes(11, 0.98)},
  0.2 * ${uniform(12)},
  ${passes(13, 0.99)},
  ${latency(14)},
  3 * ${latency(15)},
  0.002 + 0.002 * ${uniform(16)},
  '${control.fingerprint}',
  'same',
  'same',
  '[]'
FROM numbers(${rows})`
}
