-- latency_delta(candidate, since): latency of candidate and control by route, and over all routes (route '*').
-- Why: is it slower, and where? Needs 01-days. Safe to run twice. Undo: DROP VIEW latency_delta;
-- Only pairs: exchanges that both answered, asked at the same time by the same worker. delta is candidate - control.
-- Quantiles: at most 1 % off where days are settled, else exact.
-- Example: SELECT route, pairs, ttft_p95_delta_ms FROM latency_delta(candidate='sonnet', since='2026-11-01')
CREATE OR REPLACE VIEW latency_delta AS
SELECT
    labels[1] AS route,
    toUInt64(s['answered']) AS pairs,
    toUInt64(s['ttft answered']) AS ttft_pairs,
    ms[1][1] AS ttft_p50_ms,
    ms[2][1] AS control_ttft_p50_ms,
    ttft_p50_ms - control_ttft_p50_ms AS ttft_p50_delta_ms,
    ms[1][2] AS ttft_p95_ms,
    ms[2][2] AS control_ttft_p95_ms,
    ttft_p95_ms - control_ttft_p95_ms AS ttft_p95_delta_ms,
    ms[3][1] AS total_p50_ms,
    ms[4][1] AS control_total_p50_ms,
    total_p50_ms - control_total_p50_ms AS total_p50_delta_ms,
    ms[3][2] AS total_p95_ms,
    ms[4][2] AS control_total_p95_ms,
    total_p95_ms - control_total_p95_ms AS total_p95_delta_ms,
    s['total delta'] / pairs AS mean_total_delta_ms
FROM
(
    SELECT
        labels,
        sumMap(sums) AS s,
        arrayMap(each -> arrayMap(ms -> if(isNaN(ms), NULL, ms), each), quantilesExactWeightedForEachMerge(0.500000000001, 0.950000000001)(latencies)) AS ms
    FROM
    (
        SELECT fingerprint, labels, sums, latencies
        FROM day_sums FINAL
        WHERE part = 'deltas' AND arm = {candidate:String}
            AND (day, arrived) IN (SELECT day, arrived FROM settled_since(source='comparisons', arm={candidate:String}, since={since:String}))
        UNION ALL
        SELECT fingerprint, labels, sums, latencies
        FROM deltas_from_rows(candidate={candidate:String}, since={since:String}, grid=false)
    )
    WHERE fingerprint IN (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String})
    GROUP BY labels
)
WHERE s['answered'] > 0
ORDER BY route;
