-- cost_delta(candidate, since): what candidate and control cost on the same exchanges, by route and over all (route '*').
-- Why: is it cheaper, and where? Needs 00-unique-rows. Safe to run twice. Undo: DROP VIEW cost_delta;
-- Only pairs where both have a price; the others are counted as unpriced, never as free. delta is candidate - control.
-- Example: SELECT route, pairs, unpriced, cost_ratio FROM cost_delta(candidate='sonnet', since='2026-11-01')
CREATE OR REPLACE VIEW cost_delta AS
SELECT
    if(grouping(comparison_route) = 1, '*', toString(comparison_route)) AS route,
    countIf(priced) AS pairs,
    countIf(NOT priced) AS unpriced,
    sumIf(cost_usd, priced) AS total_cost_usd,
    sumIf(control_cost_usd, priced) AS total_control_cost_usd,
    total_cost_usd - total_control_cost_usd AS total_delta_usd,
    if(pairs = 0, NULL, total_delta_usd / pairs) AS mean_delta_usd,
    if(total_control_cost_usd = 0, NULL, total_cost_usd / total_control_cost_usd) AS cost_ratio
FROM
(
    SELECT
        route AS comparison_route,
        cost_usd,
        control_cost_usd,
        cost_usd IS NOT NULL AND control_cost_usd IS NOT NULL AS priced
    FROM comparisons_unique
    WHERE arm = {candidate:String}
        AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
        AND arm_fingerprint = (SELECT argMax(arm_fingerprint, asked_at) FROM comparisons WHERE arm = {candidate:String})
        AND outcome IN ('equivalent', 'different')
)
GROUP BY GROUPING SETS ((comparison_route), ())
HAVING pairs + unpriced > 0
ORDER BY route;
