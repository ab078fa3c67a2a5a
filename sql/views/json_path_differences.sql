-- json_path_differences(candidate, since): where JSON answers and tool arguments differ, by route and path, worst first.
-- Why: "/total differs in 3.1 % of pairs, the served model's own noise is 0.2 %". Needs 01-days. Safe to run
-- twice. Undo: DROP VIEW json_path_differences;
-- A path is a JSON pointer with '*' for any index ('/lines/*/price'), behind the name of the tool for its arguments
-- ('create_refund/amount'); the name alone stands for a call that only one of the two made. Plain shares of the pairs of the
-- route in which documents or calls of both arms could be compared; an answer that is no JSON is not among them (see kinds).
-- Example: SELECT route, path, share, control_share FROM json_path_differences(candidate='sonnet', since='2026-11-01') LIMIT 20
CREATE OR REPLACE VIEW json_path_differences AS
SELECT
    labels[1] AS route,
    labels[2] AS path,
    toUInt64(route_pairs) AS pairs,
    toUInt64(s['differing']) AS differing,
    toUInt64(s['control differing']) AS control_differing,
    differing / pairs AS share,
    control_differing / pairs AS control_share,
    share - control_share AS share_above_noise
FROM
(
    SELECT labels, sumMap(sums) AS s, sum(s['pairs']) OVER (PARTITION BY labels[1]) AS route_pairs
    FROM
    (
        SELECT fingerprint, labels, sums
        FROM day_sums FINAL
        WHERE part = 'paths' AND arm = {candidate:String}
            AND (day, arrived) IN (SELECT day, arrived FROM settled_since(source='comparisons', arm={candidate:String}, since={since:String}))
        UNION ALL
        SELECT fingerprint, labels, sums
        FROM paths_from_rows(candidate={candidate:String}, since={since:String})
    )
    WHERE fingerprint IN (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String})
    GROUP BY labels
)
WHERE length(labels) = 2
ORDER BY share_above_noise DESC, share DESC, route, path;
