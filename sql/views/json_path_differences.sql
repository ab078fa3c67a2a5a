-- json_path_differences(candidate, since): where JSON answers and tool arguments differ, by route and path, worst first.
-- Why: "/total differs in 3.1 % of pairs, the served model's own noise is 0.2 %". Needs 0003 and 01-comparison-days. Safe to run
-- twice. Undo: DROP VIEW json_path_differences;
-- A path is a JSON pointer with '*' for any index ('/lines/*/price'), behind the name of the tool for its arguments
-- ('create_refund/amount'); the name alone stands for a call that only one of the two made. Plain shares of the pairs of the
-- route in which documents or calls of both arms could be compared; an answer that is no JSON is not among them (see kinds).
-- Example: SELECT route, path, share, control_share FROM json_path_differences(candidate='sonnet', since='2026-11-01') LIMIT 20
CREATE OR REPLACE VIEW json_path_differences AS
WITH compared AS
(
    SELECT route AS name, paths, control_paths
    FROM comparisons FINAL
    WHERE arm = {candidate:String}
        AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
        AND arm_fingerprint = (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String})
        AND (mapContains(scores, 'json_fields') OR mapContains(scores, 'tool_f1'))
        AND (mapContains(control_scores, 'json_fields') OR mapContains(control_scores, 'tool_f1'))
)
SELECT
    toString(name) AS route,
    told.2 AS path,
    any(whole.pairs) AS pairs,
    countIf(told.1 = 'candidate') AS differing,
    countIf(told.1 = 'control') AS control_differing,
    differing / pairs AS share,
    control_differing / pairs AS control_share,
    share - control_share AS share_above_noise
FROM
(
    SELECT
        name,
        arrayJoin(arrayConcat(
            arrayMap(each -> ('candidate', each), paths),
            arrayMap(each -> ('control', each), control_paths)
        )) AS told
    FROM compared
) AS found
INNER JOIN (SELECT name, count() AS pairs FROM compared GROUP BY name) AS whole USING (name)
GROUP BY name, path
ORDER BY share_above_noise DESC, share DESC, route, path;
