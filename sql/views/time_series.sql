-- time_series(candidate, since): the candidate beside the control, hour by hour.
-- Why: since when is it so? Needs 01-comparison-days. Safe to run twice. Undo: DROP VIEW time_series;
-- Only the candidate's newest settings. Latency is that of answers; cost where it is known.
-- Example: SELECT hour, pairs, mean_quality, mean_control_quality FROM time_series(candidate='sonnet', since=now() - INTERVAL 1 DAY)
CREATE OR REPLACE VIEW time_series AS
SELECT
    toDateTime(day, 'UTC') + toIntervalHour(toUInt8(slice)) AS hour,
    sum(pairs) AS pairs,
    avgMerge(quality) AS mean_quality,
    avgMerge(control_quality) AS mean_control_quality,
    avgMerge(divergence) AS mean_divergence,
    avgMerge(control_divergence) AS mean_control_divergence,
    avgMerge(error) AS error_rate,
    avgMerge(control_error) AS control_error_rate,
    sum(harmful) / sum(found) AS harmful_share,
    sum(control_harmful) / sum(control_found) AS control_harmful_share,
    any(hour_quantiles)[1] AS ttft_p50_ms,
    any(hour_quantiles)[2] AS control_ttft_p50_ms,
    any(hour_quantiles)[3] AS ttft_p95_ms,
    any(hour_quantiles)[4] AS control_ttft_p95_ms,
    any(hour_quantiles)[5] AS total_p95_ms,
    any(hour_quantiles)[6] AS control_total_p95_ms,
    sum(total_cost_usd) AS total_cost_usd,
    sum(total_control_cost_usd) AS total_control_cost_usd
FROM
(
    SELECT
        fingerprint, day, slice, pairs, quality, control_quality, divergence, control_divergence, error, control_error,
        harmful, found, control_harmful, control_found, hour_quantiles, total_cost_usd, total_control_cost_usd
    FROM comparison_days FINAL
    WHERE arm = {candidate:String} AND dimension = 'at' AND (day, arrived) IN (SELECT day, arrived FROM settled_since(candidate={candidate:String}, since={since:String}))
    UNION ALL
    SELECT
        fingerprint, day, slice, pairs, quality, control_quality, divergence, control_divergence, error, control_error,
        harmful, found, control_harmful, control_found, hour_quantiles, total_cost_usd, total_control_cost_usd
    FROM hours_from_rows(candidate={candidate:String}, since={since:String})
) AS days
WHERE days.fingerprint = (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String})
GROUP BY hour
ORDER BY hour;
