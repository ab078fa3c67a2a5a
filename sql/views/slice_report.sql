-- slice_report(candidate, since): the candidate beside the control by each kind of traffic, the kind that loses most first.
-- Why: where is it worse? Needs 01-comparison-days. Safe to run twice. Undo: DROP VIEW slice_report;
-- A pair is in one row of each dimension where that is known: route, task, language, tools, length of the prompt in tokens, tier of
-- the tenant, hour of the day (UTC).
-- Plain averages: whether a difference is more than chance is said by the verdict.
-- conversations: within about 1.2 %.
-- Example: SELECT dimension, slice, pairs, quality_delta FROM slice_report(candidate='sonnet', since='2026-11-01') LIMIT 20
CREATE OR REPLACE VIEW slice_report AS
SELECT
    dimension,
    slice,
    sum(pairs) AS pairs,
    uniqCombinedMerge(13)(slice_conversations) AS conversations,
    avgMerge(quality) AS mean_quality,
    avgMerge(control_quality) AS mean_control_quality,
    avgMerge(quality_delta) AS quality_delta,
    avgMerge(divergence) AS mean_divergence,
    avgMerge(control_divergence) AS mean_control_divergence,
    avgMerge(error) AS error_rate,
    avgMerge(control_error) AS control_error_rate,
    sum(harmful) / sum(found) AS harmful_share,
    sum(control_harmful) / sum(control_found) AS control_harmful_share
FROM
(
    SELECT
        fingerprint, dimension, slice, pairs, slice_conversations, quality, control_quality, quality_delta, divergence,
        control_divergence, error, control_error, harmful, found, control_harmful, control_found
    FROM comparison_days FINAL
    WHERE arm = {candidate:String} AND dimension NOT IN ('summary', 'delta', 'at') AND (day, arrived) IN (SELECT day, arrived FROM settled_since(candidate={candidate:String}, since={since:String}))
    UNION ALL
    SELECT
        fingerprint, dimension, slice, pairs, slice_conversations, quality, control_quality, quality_delta, divergence,
        control_divergence, error, control_error, harmful, found, control_harmful, control_found
    FROM slices_from_rows(candidate={candidate:String}, since={since:String})
) AS days
WHERE days.fingerprint = (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String})
GROUP BY dimension, slice
ORDER BY quality_delta IS NULL, quality_delta, dimension, slice;
