-- served_drift(since): the served model by itself, day by day and version by version.
-- Why: a provider that changes the model under the same name changes what every candidate is held against. Needs
-- 01-days. Safe to run twice. Undo: DROP VIEW served_drift;
-- `served_model` is what the answer says.
-- Example: SELECT day, served_model, answers, output_tokens_p50, refused_share FROM served_drift(since='2026-11-01')
CREATE OR REPLACE VIEW served_drift AS
SELECT
    day,
    labels[1] AS route,
    labels[2] AS request_model,
    labels[3] AS served_model,
    toUInt64(s['answers']) AS answers,
    s['refused'] / s['answers'] AS refused_share,
    s['cut'] / s['answers'] AS cut_share,
    s['errors'] / nullIf(s['status known'], 0) AS error_rate,
    quantiles[1] AS output_tokens_p50,
    quantiles[2] AS ttft_p50_ms,
    quantiles[3] AS ttft_p95_ms,
    quantiles[4] AS total_p50_ms
FROM
(
    SELECT day, labels, sums AS s, quantiles
    FROM day_sums FINAL
    WHERE part = 'drift' AND arm = ''
        AND (day, arrived) IN (SELECT day, arrived FROM settled_since(source='exchanges', arm='', since={since:String}))
    UNION ALL
    SELECT day, labels, sums AS s, quantiles
    FROM drift_from_rows(since={since:String})
)
ORDER BY day, route, request_model, served_model;
