import { type Store } from '../../../shared/store/store.ts'

/**
 * What lies before the comparisons that are stored: an exchange that the tap served, an observation for each comparison, and what the
 * tap counted by the hour. The ledger of it balances.
 */
export async function writeStages(store: Pick<Store, 'command'>): Promise<void> {
  await store.command(
    `INSERT INTO exchanges (exchange_id, captured_at, source, upstream, route, conversation_id, sample_probability, capture_mode,
       dialect, method, path, request_model, wire_end, status, served_model, stored_at)
     SELECT exchange_id, captured_at, 'tap', upstream, route, conversation_id, 1, 'redacted', 'openai-chat', 'POST',
       '/v1/chat/completions', 'large-1', 'complete', 200, 'large-1', captured_at FROM comparisons`,
  )
  await store.command(
    `INSERT INTO observations (observation_id, exchange_id, arm, arm_fingerprint, captured_at, asked_at, route, upstream, dialect,
       provider, model, outcome, ttft_ms, total_ms, cost_usd, stored_at)
     SELECT comparison_id, exchange_id, arm, arm_fingerprint, captured_at, asked_at, route, upstream, 'openai-chat',
       'openai', arm_model, if(outcome = 'failed', 'failed', 'answered'), ttft_ms, total_ms, cost_usd, captured_at FROM comparisons`,
  )
  await store.command(
    `INSERT INTO ledger (entry_id, hour, stage, upstream, route, outcome, count, stored_at)
     SELECT reinterpretAsUUID(sipHash128(hour, upstream, route, outcome)), toDateTime64(toStartOfHour(captured_at), 3, 'UTC') AS hour,
       'tap', upstream, route, arrayJoin(['served', 'published']) AS outcome, uniqExact(exchange_id), hour + INTERVAL 1 HOUR
     FROM exchanges GROUP BY hour, upstream, route, outcome`,
  )
}
