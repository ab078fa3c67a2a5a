-- equivalence_summary(candidate, since): one row on the candidate, beside the control on the same exchanges.
-- Why: the whole in one look. Needs 01-comparison-days. Safe to run twice. Undo: DROP VIEW equivalence_summary;
-- Plain averages over what was sampled, for the newest settings of the candidate. The verdict (understudy summary) also
-- undoes the sampling, counts conversations instead of exchanges and says how sure it is; this does not.
-- Latency is that of answers; cost is that of exchanges where it is known, for candidate and control apart.
-- Quantiles: at most 1 % off where days are settled, else exact. conversations: about 0.4 %.
-- Example: SELECT * FROM equivalence_summary(candidate='sonnet', since='2026-11-01') FORMAT Vertical
CREATE OR REPLACE VIEW equivalence_summary AS
SELECT
    {candidate:String} AS candidate,
    any(days.fingerprint) AS fingerprint,
    any(model) AS model,
    minOrNull(first_captured_at) AS first_captured_at,
    maxOrNull(last_captured_at) AS last_captured_at,
    sum(exchanges) AS exchanges,
    uniqCombinedMerge(16)(conversations) AS conversations,
    sum(pairs) AS compared,
    sum(equivalent) AS equivalent,
    sum(different) AS different,
    sum(failed) AS failed,
    exchanges - compared AS not_comparable,
    sum(with_losses) AS with_losses,
    sum(without_control) AS without_control,
    if(compared = 0, NULL, equivalent / compared) AS equivalent_share,
    -- Of those whose finding is recorded (0003): unsure is what only a judge or a person can settle.
    sum(same) / sum(found) AS same_share,
    sum(harmless) / sum(found) AS harmless_share,
    sum(unsure) / sum(found) AS unsure_share,
    sum(harmful) / sum(found) AS harmful_share,
    sum(control_unsure) / sum(control_found) AS control_unsure_share,
    sum(control_harmful) / sum(control_found) AS control_harmful_share,
    avgMerge(quality) AS mean_quality,
    avgMerge(control_quality) AS mean_control_quality,
    avgMerge(divergence) AS mean_divergence,
    avgMerge(control_divergence) AS mean_control_divergence,
    avgMerge(error) AS error_rate,
    avgMerge(control_error) AS control_error_rate,
    if(sum(ttft_known) = 0, NULL, quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(ttft_ms)[1]) AS ttft_p50_ms,
    if(sum(control_ttft_known) = 0, NULL, quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(control_ttft_ms)[1]) AS control_ttft_p50_ms,
    if(sum(ttft_known) = 0, NULL, quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(ttft_ms)[2]) AS ttft_p95_ms,
    if(sum(control_ttft_known) = 0, NULL, quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(control_ttft_ms)[2]) AS control_ttft_p95_ms,
    if(sum(total_known) = 0, NULL, quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(total_ms)[1]) AS total_p50_ms,
    if(sum(control_total_known) = 0, NULL, quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(control_total_ms)[1]) AS control_total_p50_ms,
    if(sum(total_known) = 0, NULL, quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(total_ms)[2]) AS total_p95_ms,
    if(sum(control_total_known) = 0, NULL, quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(control_total_ms)[2]) AS control_total_p95_ms,
    avgMerge(cost_usd) AS mean_cost_usd,
    avgMerge(control_cost_usd) AS mean_control_cost_usd,
    sum(unpriced) AS unpriced
FROM
(
    SELECT
        fingerprint, model, first_captured_at, last_captured_at, exchanges, conversations, pairs, equivalent, different,
        failed, with_losses, without_control, same, harmless, unsure, harmful, found, control_unsure, control_harmful,
        control_found, quality, control_quality, divergence, control_divergence, error, control_error, ttft_known,
        control_ttft_known, total_known, control_total_known, ttft_ms, control_ttft_ms, total_ms, control_total_ms,
        cost_usd, control_cost_usd, unpriced
    FROM comparison_days FINAL
    WHERE arm = {candidate:String} AND dimension = 'summary' AND (day, arrived) IN (SELECT day, arrived FROM settled_since(candidate={candidate:String}, since={since:String}))
    UNION ALL
    SELECT
        fingerprint, model, first_captured_at, last_captured_at, exchanges, conversations, pairs, equivalent, different,
        failed, with_losses, without_control, same, harmless, unsure, harmful, found, control_unsure, control_harmful,
        control_found, quality, control_quality, divergence, control_divergence, error, control_error, ttft_known,
        control_ttft_known, total_known, control_total_known, ttft_ms, control_ttft_ms, total_ms, control_total_ms,
        cost_usd, control_cost_usd, unpriced
    FROM summary_from_rows(candidate={candidate:String}, since={since:String}, grid=false)
) AS days
WHERE days.fingerprint = (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String});
