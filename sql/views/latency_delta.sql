-- latency_delta(candidate, since): latency of candidate and control by route, and over all routes (route '*').
-- Why: is it slower, and where? Needs 00-unique-rows. Safe to run twice. Undo: DROP VIEW latency_delta;
-- Only pairs: exchanges that both answered, asked at the same time by the same worker. delta is candidate - control.
-- Example: SELECT route, pairs, ttft_p95_delta_ms FROM latency_delta(candidate='sonnet', since='2026-11-01')
CREATE OR REPLACE VIEW latency_delta AS
SELECT
    if(grouping(comparison_route) = 1, '*', toString(comparison_route)) AS route,
    count() AS pairs,
    countIf(ttft_ms IS NOT NULL AND control_ttft_ms IS NOT NULL) AS ttft_pairs,
    quantileExactIf(0.5)(ttft_ms, control_ttft_ms IS NOT NULL) AS ttft_p50_ms,
    quantileExactIf(0.5)(control_ttft_ms, ttft_ms IS NOT NULL) AS control_ttft_p50_ms,
    ttft_p50_ms - control_ttft_p50_ms AS ttft_p50_delta_ms,
    quantileExactIf(0.95)(ttft_ms, control_ttft_ms IS NOT NULL) AS ttft_p95_ms,
    quantileExactIf(0.95)(control_ttft_ms, ttft_ms IS NOT NULL) AS control_ttft_p95_ms,
    ttft_p95_ms - control_ttft_p95_ms AS ttft_p95_delta_ms,
    quantileExact(0.5)(total_ms) AS total_p50_ms,
    quantileExact(0.5)(control_total_ms) AS control_total_p50_ms,
    total_p50_ms - control_total_p50_ms AS total_p50_delta_ms,
    quantileExact(0.95)(total_ms) AS total_p95_ms,
    quantileExact(0.95)(control_total_ms) AS control_total_p95_ms,
    total_p95_ms - control_total_p95_ms AS total_p95_delta_ms,
    avg(total_ms - control_total_ms) AS mean_total_delta_ms
FROM
(
    SELECT route AS comparison_route, ttft_ms, control_ttft_ms, total_ms, control_total_ms
    FROM comparisons_unique
    WHERE arm = {candidate:String}
        AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
        AND arm_fingerprint = (SELECT argMax(arm_fingerprint, asked_at) FROM comparisons WHERE arm = {candidate:String})
        AND outcome != 'not_comparable'
        AND total_ms IS NOT NULL
        AND control_total_ms IS NOT NULL
)
GROUP BY GROUPING SETS ((comparison_route), ())
HAVING pairs > 0
ORDER BY route;
