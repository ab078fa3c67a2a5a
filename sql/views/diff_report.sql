-- diff_report(candidate, since): every exchange the candidate was compared on, worst against the control first.
-- Why: to read what is different, exchange by exchange. Needs 0022. Safe to run twice. Undo: DROP VIEW diff_report;
-- Only the candidate's newest settings (arm_fingerprint): with others it is another candidate. `since` is any time ClickHouse
-- can read: '2026-11-01', '2026-11-01T10:00:00Z', now() - INTERVAL 7 DAY.
-- Example: SELECT * FROM diff_report(candidate='sonnet', since='2026-11-01') LIMIT 20
CREATE OR REPLACE VIEW diff_report AS
SELECT
    captured_at,
    exchange_id,
    comparison_id,
    conversation_id,
    route,
    task,
    outcome,
    reason,
    decided_by,
    finding,
    control_finding,
    kinds,
    paths,
    quality,
    control_quality,
    quality - control_quality AS quality_delta,
    divergence,
    control_divergence,
    divergence - control_divergence AS divergence_delta,
    ttft_ms - control_ttft_ms AS ttft_delta_ms,
    total_ms - control_total_ms AS total_delta_ms,
    cost_usd - control_cost_usd AS cost_delta_usd,
    differences,
    served_excerpt,
    arm_excerpt,
    losses
FROM comparisons FINAL
WHERE arm = {candidate:String}
    AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND arm_fingerprint = (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String})
    AND outcome != 'not_comparable'
ORDER BY quality - ifNull(control_quality, 1), divergence DESC, captured_at, exchange_id;
