-- judge_summary(candidate, since): what the judge did on the candidate's pairs, by route and version; one row each.
-- Why: how far can it be trusted, and where? Needs 0004 and 01-comparison-days. Safe to run twice. Undo: DROP VIEW judge_summary;
-- Only the candidate's newest settings. `consistency`: the share with the same score in both orders, below 0.7 the verdict
-- leaves the judge out. `first_place`: of the answers that were no tie, the share that chose the first place.
-- Example: SELECT * FROM judge_summary(candidate='sonnet', since='2026-11-01')
CREATE OR REPLACE VIEW judge_summary AS
SELECT
    route,
    judge_version,
    count() AS pairs,
    countIf(judge_state = 'decided') AS decided,
    countIf(judge_state = 'inconsistent') AS inconsistent,
    countIf(judge_state IN ('error', 'not_asked', 'unpaired')) AS not_judged,
    topKIf(3)(judge_reason, judge_reason != '') AS reasons,
    avgIf(judge_served_first = judge_arm_first, isNotNull(judge_served_first) AND isNotNull(judge_arm_first)) AS consistency,
    (countIf(judge_served_first = 0) + countIf(judge_arm_first = 1))
        / nullIf(countIf(judge_served_first != 0.5) + countIf(judge_arm_first != 0.5), 0) AS first_place,
    avgIf(quality, judge_state = 'decided') AS mean_quality,
    avgIf(ladder_quality, judge_state = 'decided') AS mean_ladder_quality,
    avgIf(judge_length_ratio, judge_state = 'decided') AS mean_length_ratio,
    countIf(judge_cut) AS cut,
    sum(judge_cost_usd) AS cost_usd,
    countIf(isNull(judge_cost_usd)) AS unpriced
FROM comparisons FINAL
WHERE arm = {candidate:String}
    AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND arm_fingerprint = (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String})
    AND judge_version != ''
GROUP BY route, judge_version
ORDER BY route, judge_version;
