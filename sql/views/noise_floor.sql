-- noise_floor(since): how far the served model is from itself: the control's answers against those really served, by route.
-- Why: what no candidate can be blamed for. Needs 01-comparison-days. Safe to run twice. Undo: DROP VIEW noise_floor;
-- Once per exchange, however many candidates it was asked of. `*` is all routes.
-- Quantiles: at most 1 % off where days are settled, else exact.
-- Example: SELECT route, exchanges, mean_quality, harmful_share FROM noise_floor(since='2026-11-01')
CREATE OR REPLACE VIEW noise_floor AS
SELECT
    if(grouping(slice) = 1, '*', slice) AS route,
    sum(days.exchanges) AS exchanges,
    avgMerge(control_quality) AS mean_quality,
    avgMerge(control_divergence) AS mean_divergence,
    avgMerge(control_error) AS error_rate,
    sum(control_same) / sum(control_found) AS same_share,
    sum(control_harmless) / sum(control_found) AS harmless_share,
    sum(control_unsure) / sum(control_found) AS unsure_share,
    sum(control_harmful) / sum(control_found) AS harmful_share,
    if(sum(total_known) = 0, NULL, quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(total_ratio)[1]) AS total_ratio_p50,
    if(sum(total_known) = 0, NULL, quantilesExactWeightedMerge(0.500000000001, 0.950000000001)(total_ratio)[2]) AS total_ratio_p95
FROM
(
    SELECT
        slice, exchanges, control_quality, control_divergence, control_error, control_same, control_harmless,
        control_unsure, control_harmful, control_found, total_known, total_ratio
    FROM comparison_days FINAL
    WHERE arm = '' AND dimension = 'noise' AND (day, arrived) IN (SELECT day, arrived FROM settled_since(candidate='', since={since:String}))
    UNION ALL
    SELECT
        slice, exchanges, control_quality, control_divergence, control_error, control_same, control_harmless,
        control_unsure, control_harmful, control_found, total_known, total_ratio
    FROM noise_from_rows(since={since:String}, grid=false)
) AS days
GROUP BY GROUPING SETS ((slice), ())
HAVING exchanges > 0
ORDER BY route;
