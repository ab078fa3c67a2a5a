-- slice_report(candidate, since): the candidate beside the control by each kind of traffic, the kind that loses most first.
-- Why: where is it worse? Needs 0006 and 00-unique-rows. Safe to run twice. Undo: DROP VIEW slice_report;
-- A pair is in one row of each dimension where that is known: route, task, language, tools, length of the prompt in tokens, tier of
-- the tenant, hour of the day (UTC).
-- Plain averages: whether a difference is more than chance is said by the verdict.
-- Example: SELECT dimension, slice, pairs, quality_delta FROM slice_report(candidate='sonnet', since='2026-11-01') LIMIT 20
CREATE OR REPLACE VIEW slice_report AS
SELECT
    dimension_and_slice.1 AS dimension,
    dimension_and_slice.2 AS slice,
    count() AS pairs,
    uniq(conversation_id) AS conversations,
    avg(quality) AS mean_quality,
    avg(control_quality) AS mean_control_quality,
    avg(quality - control_quality) AS quality_delta,
    avg(divergence) AS mean_divergence,
    avg(control_divergence) AS mean_control_divergence,
    avg(error) AS error_rate,
    avg(control_error) AS control_error_rate,
    avgIf(finding = 'harmful', finding != '') AS harmful_share,
    avgIf(control_finding = 'harmful', control_finding != '') AS control_harmful_share
FROM
(
    SELECT
        conversation_id, quality, control_quality, divergence, control_divergence, error, control_error, finding, control_finding,
        [
            ('route', toString(route)),
            ('task', toString(task)),
            ('language', toString(language)),
            ('tools', multiIf(has_tools IS NULL, '', has_tools, 'yes', 'no')),
            ('length', multiIf(
                prompt_tokens IS NULL, '', prompt_tokens < 1000, 'under 1k', prompt_tokens < 4000, '1k to 4k',
                prompt_tokens < 16000, '4k to 16k', 'over 16k')),
            ('tier', toString(tier)),
            ('hour', leftPad(toString(toHour(captured_at)), 2, '0'))
        ] AS slices
    FROM comparisons_unique
    WHERE arm = {candidate:String}
        AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
        AND arm_fingerprint = (SELECT argMax(arm_fingerprint, asked_at) FROM comparisons WHERE arm = {candidate:String})
        AND outcome != 'not_comparable'
)
ARRAY JOIN slices AS dimension_and_slice
WHERE slice != ''
GROUP BY dimension, slice
ORDER BY quality_delta IS NULL, quality_delta, dimension, slice;
