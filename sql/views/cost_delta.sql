-- cost_delta(candidate, since): what candidate and control cost on the same exchanges, by route and over all (route '*').
-- Why: is it cheaper, and where? Needs 01-days. Safe to run twice. Undo: DROP VIEW cost_delta;
-- Only pairs where both have a price; the others are counted as unpriced, never as free. delta is candidate - control.
-- Example: SELECT route, pairs, unpriced, cost_ratio FROM cost_delta(candidate='sonnet', since='2026-11-01')
CREATE OR REPLACE VIEW cost_delta AS
SELECT
    labels[1] AS route,
    toUInt64(s['priced']) AS pairs,
    toUInt64(s['unpriced']) AS unpriced,
    if(pairs = 0, NULL, s['cost']) AS total_cost_usd,
    if(pairs = 0, NULL, s['control cost']) AS total_control_cost_usd,
    total_cost_usd - total_control_cost_usd AS total_delta_usd,
    total_delta_usd / pairs AS mean_delta_usd,
    total_cost_usd / nullIf(total_control_cost_usd, 0) AS cost_ratio
FROM
(
    SELECT
        labels,
        sumMap(sums) AS s
    FROM
    (
        SELECT fingerprint, labels, sums
        FROM day_sums FINAL
        WHERE part = 'deltas' AND arm = {candidate:String}
            AND (day, arrived) IN (SELECT day, arrived FROM settled_since(source='comparisons', arm={candidate:String}, since={since:String}))
        UNION ALL
        SELECT fingerprint, labels, sums
        FROM deltas_from_rows(candidate={candidate:String}, since={since:String}, grid=false)
    )
    WHERE fingerprint IN (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String})
    GROUP BY labels
)
WHERE s['priced'] + s['unpriced'] > 0
ORDER BY route;
