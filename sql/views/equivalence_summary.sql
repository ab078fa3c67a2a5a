-- equivalence_summary(candidate, since): one row on the candidate, beside the control on the same exchanges.
-- Why: the whole in one look. Needs 00-unique-rows. Safe to run twice. Undo: DROP VIEW equivalence_summary;
-- Plain averages over what was sampled, for the newest settings of the candidate. The verdict (understudy summary) also
-- undoes the sampling, counts conversations instead of exchanges and says how sure it is; this does not.
-- Latency is that of answers; cost is that of exchanges where it is known, for candidate and control apart.
-- Example: SELECT * FROM equivalence_summary(candidate='sonnet', since='2026-11-01') FORMAT Vertical
CREATE OR REPLACE VIEW equivalence_summary AS
SELECT
    {candidate:String} AS candidate,
    any(arm_fingerprint) AS fingerprint,
    any(arm_model) AS model,
    minOrNull(captured_at) AS first_captured_at,
    maxOrNull(captured_at) AS last_captured_at,
    count() AS exchanges,
    uniqExactIf(conversation_id, outcome != 'not_comparable') AS conversations,
    countIf(outcome != 'not_comparable') AS compared,
    countIf(outcome = 'equivalent') AS equivalent,
    countIf(outcome = 'different') AS different,
    countIf(outcome = 'failed') AS failed,
    countIf(outcome = 'not_comparable') AS not_comparable,
    countIf(outcome != 'not_comparable' AND notEmpty(losses)) AS with_losses,
    countIf(outcome != 'not_comparable' AND control_quality IS NULL) AS without_control,
    if(compared = 0, NULL, equivalent / compared) AS equivalent_share,
    -- Of those whose finding is recorded (0003): unsure is what only a judge or a person can settle.
    avgIf(finding = 'same', finding != '') AS same_share,
    avgIf(finding = 'harmless', finding != '') AS harmless_share,
    avgIf(finding = 'unsure', finding != '') AS unsure_share,
    avgIf(finding = 'harmful', finding != '') AS harmful_share,
    avgIf(control_finding = 'unsure', control_finding != '') AS control_unsure_share,
    avgIf(control_finding = 'harmful', control_finding != '') AS control_harmful_share,
    avgIf(quality, outcome != 'not_comparable') AS mean_quality,
    avgIf(control_quality, outcome != 'not_comparable') AS mean_control_quality,
    avgIf(divergence, outcome != 'not_comparable') AS mean_divergence,
    avgIf(control_divergence, outcome != 'not_comparable') AS mean_control_divergence,
    avgIf(error, outcome != 'not_comparable') AS error_rate,
    avgIf(control_error, outcome != 'not_comparable') AS control_error_rate,
    quantileExactIf(0.5)(ttft_ms, outcome != 'not_comparable') AS ttft_p50_ms,
    quantileExactIf(0.5)(control_ttft_ms, outcome != 'not_comparable') AS control_ttft_p50_ms,
    quantileExactIf(0.95)(ttft_ms, outcome != 'not_comparable') AS ttft_p95_ms,
    quantileExactIf(0.95)(control_ttft_ms, outcome != 'not_comparable') AS control_ttft_p95_ms,
    quantileExactIf(0.5)(total_ms, outcome != 'not_comparable') AS total_p50_ms,
    quantileExactIf(0.5)(control_total_ms, outcome != 'not_comparable') AS control_total_p50_ms,
    quantileExactIf(0.95)(total_ms, outcome != 'not_comparable') AS total_p95_ms,
    quantileExactIf(0.95)(control_total_ms, outcome != 'not_comparable') AS control_total_p95_ms,
    avgIf(cost_usd, outcome != 'not_comparable') AS mean_cost_usd,
    avgIf(control_cost_usd, outcome != 'not_comparable') AS mean_control_cost_usd,
    countIf(outcome NOT IN ('not_comparable', 'failed') AND cost_usd IS NULL) AS unpriced
FROM comparisons_unique
WHERE arm = {candidate:String}
    AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND arm_fingerprint = (SELECT argMax(arm_fingerprint, asked_at) FROM comparisons WHERE arm = {candidate:String});
