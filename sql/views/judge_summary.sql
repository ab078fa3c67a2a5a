-- judge_summary(candidate, since): what the judge did on the candidate's pairs, by route and version; one row each.
-- Why: how far can it be trusted, and where? Needs 01-days. Safe to run twice. Undo: DROP VIEW judge_summary;
-- Only the candidate's newest settings. `consistency`: the share with the same score in both orders, below 0.7 the verdict
-- leaves the judge out. `first_place`: of the answers that were no tie, the share that chose the first place.
-- Example: SELECT * FROM judge_summary(candidate='sonnet', since='2026-11-01')
CREATE OR REPLACE VIEW judge_summary AS
SELECT
    labels[1] AS route,
    labels[2] AS judge_version,
    n['pairs'] AS pairs,
    n['decided'] AS decided,
    n['inconsistent'] AS inconsistent,
    n['not judged'] AS not_judged,
    arrayMap(
        reason -> substring(reason, length('reason ') + 1),
        arraySlice(arraySort(reason -> (-s[reason], reason), arrayFilter(name -> startsWith(name, 'reason '), mapKeys(s))), 1, 3)
    ) AS reasons,
    s['consistent'] / nullIf(s['both ways'], 0) AS consistency,
    s['first place'] / nullIf(s['choices'], 0) AS first_place,
    m['quality'] AS mean_quality,
    m['ladder quality'] AS mean_ladder_quality,
    m['length ratio'] AS mean_length_ratio,
    n['cut'] AS cut,
    if(s['cost known'] = 0, NULL, s['cost']) AS cost_usd,
    toUInt64(s['pairs'] - s['cost known']) AS unpriced
FROM
(
    SELECT
        labels,
        sumMap(sums) AS s,
        CAST(s, 'Map(String, UInt64)') AS n,
        mapApply((name, sum) -> (name, sum / nullIf(s[concat(name, ' known')], 0)), s) AS m
    FROM
    (
        SELECT fingerprint, labels, sums
        FROM day_sums FINAL
        WHERE part = 'judged' AND arm = {candidate:String}
            AND (day, arrived) IN (SELECT day, arrived FROM settled_since(source='comparisons', arm={candidate:String}, since={since:String}))
        UNION ALL
        SELECT fingerprint, labels, sums
        FROM judged_from_rows(candidate={candidate:String}, since={since:String})
    )
    WHERE fingerprint IN (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String})
    GROUP BY labels
)
ORDER BY route, judge_version;
