-- cost_delta(candidate, since): what candidate and control cost on the same exchanges, by route and over all (route '*').
-- Why: is it cheaper, and where? Needs 01-comparison-days. Safe to run twice. Undo: DROP VIEW cost_delta;
-- Only pairs where both have a price; the others are counted as unpriced, never as free. delta is candidate - control.
-- Example: SELECT route, pairs, unpriced, cost_ratio FROM cost_delta(candidate='sonnet', since='2026-11-01')
CREATE OR REPLACE VIEW cost_delta AS
SELECT
    if(grouping(slice) = 1, '*', slice) AS route,
    sum(priced) AS pairs,
    sum(days.unpriced) AS unpriced,
    sum(days.total_cost_usd) AS total_cost_usd,
    sum(days.total_control_cost_usd) AS total_control_cost_usd,
    total_cost_usd - total_control_cost_usd AS total_delta_usd,
    if(pairs = 0, NULL, total_delta_usd / pairs) AS mean_delta_usd,
    if(total_control_cost_usd = 0, NULL, total_cost_usd / total_control_cost_usd) AS cost_ratio
FROM
(
    SELECT
        fingerprint, slice, priced, unpriced, total_cost_usd, total_control_cost_usd
    FROM comparison_days FINAL
    WHERE arm = {candidate:String} AND dimension = 'delta' AND (day, arrived) IN (SELECT day, arrived FROM settled_since(candidate={candidate:String}, since={since:String}))
    UNION ALL
    SELECT
        fingerprint, slice, priced, unpriced, total_cost_usd, total_control_cost_usd
    FROM deltas_from_rows(candidate={candidate:String}, since={since:String}, grid=false)
) AS days
WHERE days.fingerprint = (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String})
GROUP BY GROUPING SETS ((slice), ())
HAVING pairs + unpriced > 0
ORDER BY route;
