-- spend(since): what asking the arms took, by day (UTC), arm and model; the judge's own calls are in judge_summary.
-- Why: what does this cost me? Needs 0001 and 00-unique-rows. Safe to run twice. Undo: DROP VIEW spend;
-- By the day of asking. `unpriced`: answers whose cost is not known; they are in no sum.
-- Example: SELECT day, arm, calls, total_cost_usd FROM spend(since='2026-11-01')
CREATE OR REPLACE VIEW spend AS
SELECT
    toDate(asked_at) AS day,
    arm,
    provider,
    model,
    countIf(outcome IN ('answered', 'failed')) AS calls,
    countIf(outcome = 'failed') AS failed,
    countIf(outcome NOT IN ('answered', 'failed')) AS not_asked,
    sum(input_tokens) AS tokens_in,
    sum(cached_input_tokens) AS cached_tokens_in,
    sum(output_tokens) AS tokens_out,
    sum(cost_usd) AS total_cost_usd,
    countIf(outcome = 'answered' AND cost_usd IS NULL) AS unpriced
FROM observations_unique
WHERE asked_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
GROUP BY day, arm, provider, model
ORDER BY day, arm, provider, model;
