-- slice_report(candidate, since): the candidate beside the control by each kind of traffic, the kind that loses most first.
-- Why: where is it worse? Needs 01-days. Safe to run twice. Undo: DROP VIEW slice_report;
-- A pair is in one row of each dimension where that is known: route, task, language, tools, length of the prompt in tokens, tier of
-- the tenant, hour of the day (UTC).
-- Plain averages: whether a difference is more than chance is said by the verdict.
-- conversations: within about 1.6 %.
-- Example: SELECT dimension, slice, pairs, quality_delta FROM slice_report(candidate='sonnet', since='2026-11-01') LIMIT 20
CREATE OR REPLACE VIEW slice_report AS
SELECT
    labels[1] AS dimension,
    labels[2] AS slice,
    toUInt64(s['pairs']) AS pairs,
    conversations,
    m['quality'] AS mean_quality,
    m['control quality'] AS mean_control_quality,
    m['quality delta'] AS quality_delta,
    m['divergence'] AS mean_divergence,
    m['control divergence'] AS mean_control_divergence,
    m['error'] AS error_rate,
    m['control error'] AS control_error_rate,
    s['harmful'] / nullIf(s['found'], 0) AS harmful_share,
    s['control harmful'] / nullIf(s['control found'], 0) AS control_harmful_share
FROM
(
    SELECT
        labels,
        sumMap(sums) AS s,
        mapApply((name, sum) -> (name, sum / nullIf(s[concat(name, ' known')], 0)), s) AS m,
        uniqCombinedMerge(12)(slice_conversations) AS conversations
    FROM
    (
        SELECT fingerprint, labels, sums, slice_conversations
        FROM day_sums
        WHERE part = 'slices' AND arm = {candidate:String}
            AND (day, arrived) IN (SELECT day, arrived FROM settled_since(source='comparisons', arm={candidate:String}, since={since:String}))
        -- A day that was added up twice. FINAL would copy the states of conversations once more.
        LIMIT 1 BY day, fingerprint, labels
        UNION ALL
        SELECT fingerprint, labels, sums, slice_conversations
        FROM slices_from_rows(candidate={candidate:String}, since={since:String})
    )
    WHERE fingerprint IN (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String})
    GROUP BY labels
)
ORDER BY quality_delta IS NULL, quality_delta, dimension, slice;
