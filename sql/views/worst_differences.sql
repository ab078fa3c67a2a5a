-- worst_differences(candidate, since, n): the n worst of diff_report, each difference in words.
-- Why: the first thing to look at. Needs diff_report. Safe to run twice. Undo: DROP VIEW worst_differences;
-- Example: SELECT * FROM worst_differences(candidate='sonnet', since='2026-11-01', n=10) FORMAT Vertical
CREATE OR REPLACE VIEW worst_differences AS
SELECT
    captured_at,
    exchange_id,
    route,
    task,
    outcome,
    reason,
    decided_by,
    quality,
    control_quality,
    divergence,
    arrayMap(
        difference -> concat(
            JSONExtractString(difference, 'rung'),
            if(JSONExtractString(difference, 'path') = '', '', concat(' ', JSONExtractString(difference, 'path'))),
            ': ',
            JSONExtractString(difference, 'message')
        ),
        JSONExtractArrayRaw(differences)
    ) AS what,
    served_excerpt,
    arm_excerpt
FROM diff_report(candidate = {candidate:String}, since = {since:String})
WHERE outcome IN ('different', 'failed')
ORDER BY quality - ifNull(control_quality, 1), divergence DESC, captured_at, exchange_id
LIMIT {n:UInt64};
