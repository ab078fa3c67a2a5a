-- noise_floor(since): how far the served model is from itself: the control's answers against those really served, by route.
-- Why: what no candidate can be blamed for. Needs 01-days. Safe to run twice. Undo: DROP VIEW noise_floor;
-- Once per exchange, however many candidates it was asked of. `*` is all routes.
-- Quantiles: at most 1 % off where days are settled, else exact.
-- Example: SELECT route, exchanges, mean_quality, harmful_share FROM noise_floor(since='2026-11-01')
CREATE OR REPLACE VIEW noise_floor AS
SELECT
    labels[1] AS route,
    n['exchanges'] AS exchanges,
    m['quality'] AS mean_quality,
    m['divergence'] AS mean_divergence,
    m['error'] AS error_rate,
    s['same'] / nullIf(s['found'], 0) AS same_share,
    s['harmless'] / nullIf(s['found'], 0) AS harmless_share,
    s['unsure'] / nullIf(s['found'], 0) AS unsure_share,
    s['harmful'] / nullIf(s['found'], 0) AS harmful_share,
    ratios[1][1] AS total_ratio_p50,
    ratios[1][2] AS total_ratio_p95
FROM
(
    SELECT
        labels,
        sumMap(sums) AS s,
        CAST(s, 'Map(String, UInt64)') AS n,
        mapApply((name, sum) -> (name, sum / nullIf(s[concat(name, ' known')], 0)), s) AS m,
        arrayMap(each -> arrayMap(ms -> if(isNaN(ms), NULL, ms), each), quantilesExactWeightedForEachMerge(0.500000000001, 0.950000000001)(latencies)) AS ratios
    FROM
    (
        SELECT labels, sums, latencies
        FROM day_sums FINAL
        WHERE part = 'noise' AND arm = ''
            AND (day, arrived) IN (SELECT day, arrived FROM settled_since(source='comparisons', arm='', since={since:String}))
        UNION ALL
        SELECT labels, sums, latencies
        FROM noise_from_rows(since={since:String}, grid=false)
    )
    GROUP BY labels
)
ORDER BY route;
