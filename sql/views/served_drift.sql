-- served_drift(since): the served model by itself, day by day and version by version.
-- Why: a provider that changes the model under the same name changes what every candidate is held against. Needs 0001 and
-- 00-unique-rows. Safe to run twice. Undo: DROP VIEW served_drift;
-- `served_model` is what the answer says.
-- Example: SELECT day, served_model, answers, output_tokens_p50, refused_share FROM served_drift(since='2026-11-01')
CREATE OR REPLACE VIEW served_drift AS
SELECT
    toDate(captured_at) AS day,
    route,
    request_model,
    served_model,
    count() AS answers,
    avg(answer_outcome = 'refused') AS refused_share,
    avg(finish = 'length') AS cut_share,
    avg(status >= 400) AS error_rate,
    quantile(0.5)(output_tokens) AS output_tokens_p50,
    quantile(0.5)(ttft_ms) AS ttft_p50_ms,
    quantile(0.95)(ttft_ms) AS ttft_p95_ms,
    quantile(0.5)(total_ms) AS total_p50_ms
FROM exchanges_unique
WHERE captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC') AND wire_end = 'complete'
GROUP BY day, route, request_model, served_model
ORDER BY day, route, request_model, served_model;
