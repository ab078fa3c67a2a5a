-- latency_delta(candidate, since): latency of candidate and control by route, and over all routes (route '*').
-- Why: is it slower, and where? Needs 01-comparison-days. Safe to run twice. Undo: DROP VIEW latency_delta;
-- Only pairs: exchanges that both answered, asked at the same time by the same worker. delta is candidate - control.
-- Quantiles: at most 1 % off where days are settled, else exact.
-- Example: SELECT route, pairs, ttft_p95_delta_ms FROM latency_delta(candidate='sonnet', since='2026-11-01')
CREATE OR REPLACE VIEW latency_delta AS
SELECT
    if(grouping(slice) = 1, '*', slice) AS route,
    sum(by_route.answered) AS pairs,
    sum(by_route.ttft_answered) AS ttft_pairs,
    if(ttft_pairs = 0, NULL, quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(ttft_ms)[1]) AS ttft_p50_ms,
    if(ttft_pairs = 0, NULL, quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(control_ttft_ms)[1]) AS control_ttft_p50_ms,
    ttft_p50_ms - control_ttft_p50_ms AS ttft_p50_delta_ms,
    if(ttft_pairs = 0, NULL, quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(ttft_ms)[2]) AS ttft_p95_ms,
    if(ttft_pairs = 0, NULL, quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(control_ttft_ms)[2]) AS control_ttft_p95_ms,
    ttft_p95_ms - control_ttft_p95_ms AS ttft_p95_delta_ms,
    quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(total_ms)[1] AS total_p50_ms,
    quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(control_total_ms)[1] AS control_total_p50_ms,
    total_p50_ms - control_total_p50_ms AS total_p50_delta_ms,
    quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(total_ms)[2] AS total_p95_ms,
    quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(control_total_ms)[2] AS control_total_p95_ms,
    total_p95_ms - control_total_p95_ms AS total_p95_delta_ms,
    avgMerge(total_delta_ms) AS mean_total_delta_ms
FROM
(
    SELECT
        slice,
        sum(days.answered) AS answered,
        sum(days.ttft_answered) AS ttft_answered,
        quantilesExactWeightedMergeState(0.500000000001, 0.950000000001)(days.ttft_ms) AS ttft_ms,
        quantilesExactWeightedMergeState(0.500000000001, 0.950000000001)(days.control_ttft_ms) AS control_ttft_ms,
        quantilesExactWeightedMergeState(0.500000000001, 0.950000000001)(days.total_ms) AS total_ms,
        quantilesExactWeightedMergeState(0.500000000001, 0.950000000001)(days.control_total_ms) AS control_total_ms,
        avgMergeState(days.total_delta_ms) AS total_delta_ms
    FROM
    (
        SELECT
            fingerprint, slice, answered, ttft_answered, ttft_ms, control_ttft_ms, total_ms, control_total_ms,
            total_delta_ms
        FROM comparison_days FINAL
        WHERE arm = {candidate:String} AND dimension = 'delta' AND (day, arrived) IN (SELECT day, arrived FROM settled_since(candidate={candidate:String}, since={since:String}))
        UNION ALL
        SELECT
            fingerprint, slice, answered, ttft_answered, ttft_ms, control_ttft_ms, total_ms, control_total_ms,
            total_delta_ms
        FROM deltas_from_rows(candidate={candidate:String}, since={since:String}, grid=false)
    ) AS days
    WHERE days.fingerprint = (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String})
    GROUP BY slice
) AS by_route
GROUP BY GROUPING SETS ((slice), ())
HAVING pairs > 0
ORDER BY route;
