-- spend(since): what asking the arms took, by day (UTC), arm and model; the judge's own calls are in judge_summary.
-- Why: what does this cost me? Needs 01-days. Safe to run twice. Undo: DROP VIEW spend;
-- By the day of asking. `unpriced`: answers whose cost is not known; they are in no sum.
-- Example: SELECT day, arm, calls, total_cost_usd FROM spend(since='2026-11-01')
CREATE OR REPLACE VIEW spend AS
SELECT
    toDate(labels[1]) AS day,
    labels[2] AS arm,
    labels[3] AS provider,
    labels[4] AS model,
    n['calls'] AS calls,
    n['failed'] AS failed,
    n['not asked'] AS not_asked,
    if(s['tokens in known'] = 0, NULL, n['tokens in']) AS tokens_in,
    if(s['cached tokens in known'] = 0, NULL, n['cached tokens in']) AS cached_tokens_in,
    if(s['tokens out known'] = 0, NULL, n['tokens out']) AS tokens_out,
    if(s['cost known'] = 0, NULL, s['cost']) AS total_cost_usd,
    n['unpriced'] AS unpriced
FROM
(
    SELECT
        labels,
        sumMap(sums) AS s,
        CAST(s, 'Map(String, UInt64)') AS n
    FROM
    (
        SELECT labels, sums
        FROM day_sums FINAL
        WHERE part = 'spend' AND arm = '' AND first_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
            AND (day, arrived) IN (SELECT day, arrived FROM settled_since(source='observations', arm='', since='1970-01-01'))
            AND day NOT IN (SELECT day FROM cut_by_asking(since={since:String}))
        UNION ALL
        SELECT labels, sums
        FROM spend_from_rows(since={since:String})
    )
    GROUP BY labels
)
ORDER BY day, arm, provider, model;
