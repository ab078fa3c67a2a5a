-- noise_floor(since): how far the served model is from itself: the control's answers against those really served, by route.
-- Why: what no candidate can be blamed for. Needs 0003 and 00-unique-rows. Safe to run twice. Undo: DROP VIEW noise_floor;
-- Once per exchange, however many candidates it was asked of. `*` is all routes.
-- Example: SELECT route, exchanges, mean_quality, harmful_share FROM noise_floor(since='2026-11-01')
CREATE OR REPLACE VIEW noise_floor AS
SELECT
    if(grouping(exchange_route) = 1, '*', exchange_route) AS route,
    count() AS exchanges,
    avg(quality) AS mean_quality,
    avg(divergence) AS mean_divergence,
    avg(error) AS error_rate,
    avgIf(finding = 'same', finding != '') AS same_share,
    avgIf(finding = 'harmless', finding != '') AS harmless_share,
    avgIf(finding = 'unsure', finding != '') AS unsure_share,
    avgIf(finding = 'harmful', finding != '') AS harmful_share,
    quantile(0.5)(total_ms / served_total_ms) AS total_ratio_p50,
    quantile(0.95)(total_ms / served_total_ms) AS total_ratio_p95
FROM
(
    SELECT
        exchange_id,
        toString(any(route)) AS exchange_route,
        argMax(control_quality, asked_at) AS quality,
        argMax(control_divergence, asked_at) AS divergence,
        argMax(control_error, asked_at) AS error,
        argMax(toString(control_finding), asked_at) AS finding,
        argMax(control_total_ms, asked_at) AS total_ms,
        any(comparisons.served_total_ms) AS served_total_ms
    FROM comparisons
    WHERE captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
        AND outcome != 'not_comparable'
        AND control_fingerprint != ''
    GROUP BY exchange_id
)
GROUP BY GROUPING SETS ((exchange_route), ())
HAVING exchanges > 0
ORDER BY route;
