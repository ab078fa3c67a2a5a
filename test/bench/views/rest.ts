import { controlArm } from '../../../shared/config/arms.ts'
import { type Store } from '../../../shared/store/store.ts'

/**
 * What views ask beside the comparisons that are there: a judge on a tenth of them, where JSON differs, an observation for each and for the
 * control's answer, and the exchanges of the first arm.
 */
export async function writeRest(store: Pick<Store, 'command'>): Promise<void> {
  const part = (salt: number, of: number) => `(sipHash64(comparison_id, ${salt}) % ${of})`
  const isJudged = `${part(1, 10)} = 0`
  const path = (salt: number) =>
    `[['/total', '/lines/*/price', concat('/field/', toString(${part(salt, 50)}))][1 + ${part(salt + 1, 3)}]]`
  await store.command(
    `ALTER TABLE comparisons UPDATE
       judge_version = if(${isJudged}, 'v1', ''),
       judge_state = multiIf(NOT ${isJudged}, '', ${part(2, 20)} = 0, 'error', ${part(2, 20)} < 4, 'inconsistent', 'decided'),
       judge_reason = if(${isJudged} AND ${part(2, 20)} = 0, ['unparsable', 'timeout'][1 + ${part(3, 2)}], ''),
       judge_served_first = if(${isJudged}, ${part(4, 3)} / 2, NULL),
       judge_arm_first = if(${isJudged}, ${part(5, 3)} / 2, NULL),
       judge_length_ratio = if(${isJudged}, 1.1, NULL),
       judge_cost_usd = if(${isJudged}, 0.001, NULL),
       ladder_quality = if(${isJudged}, quality, NULL),
       scores = map('json_fields', ifNull(quality, 0)),
       control_scores = map('json_fields', ifNull(control_quality, 0)),
       paths = if(outcome = 'different', ${path(6)}, []),
       control_paths = if(control_quality < 1, ${path(8)}, [])
     WHERE true SETTINGS mutations_sync = 1`,
  )
  const observation = (arm: string, fingerprint: string, model: string, cost: string, where: string) => `
INSERT INTO observations (observation_id, exchange_id, arm, arm_fingerprint, captured_at, asked_at, route, upstream, dialect, provider, model,
  outcome, status, answer_model, answer_outcome, finish, attempts, input_tokens, cached_input_tokens, output_tokens, cost_usd)
SELECT comparison_id, exchange_id, ${arm}, ${fingerprint}, captured_at, asked_at + INTERVAL 2 SECOND, route, upstream, 'openai-chat', 'openai', ${model},
  if(outcome = 'failed', 'failed', 'answered'), 200, ${model}, 'answered', 'stop', 1, 300, 100, 50 + ${part(10, 300)}, ${cost}
FROM comparisons WHERE ${where}`
  await store.command(observation('arm', 'arm_fingerprint', 'arm_model', 'cost_usd', 'true'))
  const first = "arm = 'a'"
  await store.command(observation(`'${controlArm}'`, 'control_fingerprint', 'served_model', 'control_cost_usd', first))
  await store.command(
    `INSERT INTO exchanges (exchange_id, captured_at, source, upstream, route, conversation_id, sample_probability, capture_mode, dialect,
       method, path, request_model, wire_end, status, ttft_ms, total_ms, served_model, answer_outcome, finish, output_tokens)
     SELECT exchange_id, captured_at, 'tap', upstream, route, conversation_id, 1, 'redacted', 'openai-chat', 'POST', '/v1/chat/completions',
       'large-1', 'complete', if(${part(11, 200)} = 0, 500, 200), served_ttft_ms, served_total_ms, 'large-1',
       if(${part(12, 100)} = 0, 'refused', 'answered'), if(${part(13, 100)} = 0, 'length', 'stop'), 50 + ${part(14, 300)}
     FROM comparisons WHERE ${first}`,
  )
}
