-- time_series(candidate, since): the candidate beside the control, hour by hour.
-- Why: since when is it so? Needs 01-days. Safe to run twice. Undo: DROP VIEW time_series;
-- Only the candidate's newest settings. Latency is that of answers; cost where it is known.
-- Example: SELECT hour, pairs, mean_quality, mean_control_quality FROM time_series(candidate='sonnet', since=now() - INTERVAL 1 DAY)
CREATE OR REPLACE VIEW time_series AS
SELECT
    toDateTime(day, 'UTC') + toIntervalHour(toUInt8(labels[1])) AS hour,
    toUInt64(s['pairs']) AS pairs,
    m['quality'] AS mean_quality,
    m['control quality'] AS mean_control_quality,
    m['divergence'] AS mean_divergence,
    m['control divergence'] AS mean_control_divergence,
    m['error'] AS error_rate,
    m['control error'] AS control_error_rate,
    s['harmful'] / nullIf(s['found'], 0) AS harmful_share,
    s['control harmful'] / nullIf(s['control found'], 0) AS control_harmful_share,
    quantiles[1] AS ttft_p50_ms,
    quantiles[2] AS control_ttft_p50_ms,
    quantiles[3] AS ttft_p95_ms,
    quantiles[4] AS control_ttft_p95_ms,
    quantiles[5] AS total_p95_ms,
    quantiles[6] AS control_total_p95_ms,
    if(s['cost known'] = 0, NULL, s['cost']) AS total_cost_usd,
    if(s['control cost known'] = 0, NULL, s['control cost']) AS total_control_cost_usd
FROM
(
    SELECT day, labels, quantiles, s, mapApply((name, sum) -> (name, sum / nullIf(s[concat(name, ' known')], 0)), s) AS m
    FROM
    (
        SELECT fingerprint, day, labels, sums AS s, quantiles
        FROM day_sums FINAL
        WHERE part = 'hours' AND arm = {candidate:String}
            AND (day, arrived) IN (SELECT day, arrived FROM settled_since(source='comparisons', arm={candidate:String}, since={since:String}))
        UNION ALL
        SELECT fingerprint, day, labels, sums AS s, quantiles
        FROM hours_from_rows(candidate={candidate:String}, since={since:String})
    )
    WHERE fingerprint IN (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String})
)
ORDER BY hour;
