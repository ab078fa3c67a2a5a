-- time_series(candidate, since): the candidate beside the control, hour by hour.
-- Why: since when is it so? Needs 0003 and 00-unique-rows. Safe to run twice. Undo: DROP VIEW time_series;
-- Only the candidate's newest settings. Latency is that of answers; cost where it is known.
-- Example: SELECT hour, pairs, mean_quality, mean_control_quality FROM time_series(candidate='sonnet', since=now() - INTERVAL 1 DAY)
CREATE OR REPLACE VIEW time_series AS
SELECT
    toStartOfHour(captured_at) AS hour,
    count() AS pairs,
    avg(quality) AS mean_quality,
    avg(control_quality) AS mean_control_quality,
    avg(divergence) AS mean_divergence,
    avg(control_divergence) AS mean_control_divergence,
    avg(error) AS error_rate,
    avg(control_error) AS control_error_rate,
    avgIf(finding = 'harmful', finding != '') AS harmful_share,
    avgIf(control_finding = 'harmful', control_finding != '') AS control_harmful_share,
    quantile(0.5)(ttft_ms) AS ttft_p50_ms,
    quantile(0.5)(control_ttft_ms) AS control_ttft_p50_ms,
    quantile(0.95)(ttft_ms) AS ttft_p95_ms,
    quantile(0.95)(control_ttft_ms) AS control_ttft_p95_ms,
    quantile(0.95)(total_ms) AS total_p95_ms,
    quantile(0.95)(control_total_ms) AS control_total_p95_ms,
    sum(cost_usd) AS total_cost_usd,
    sum(control_cost_usd) AS total_control_cost_usd
FROM comparisons_unique
WHERE arm = {candidate:String}
    AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND arm_fingerprint = (SELECT argMax(arm_fingerprint, asked_at) FROM comparisons WHERE arm = {candidate:String})
    AND outcome != 'not_comparable'
GROUP BY hour
ORDER BY hour;
