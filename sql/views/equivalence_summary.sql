-- equivalence_summary(candidate, since): one row on the candidate, beside the control on the same exchanges.
-- Why: the whole in one look. Needs 01-days. Safe to run twice. Undo: DROP VIEW equivalence_summary;
-- Plain averages over what was sampled, for the newest settings of the candidate. The verdict (understudy summary) also
-- undoes the sampling, counts conversations instead of exchanges and says how sure it is; this does not.
-- Latency is that of answers; cost is that of exchanges where it is known, for candidate and control apart.
-- Quantiles: at most 1 % off where days are settled, else exact. conversations: about 0.8 %.
-- Example: SELECT * FROM equivalence_summary(candidate='sonnet', since='2026-11-01') FORMAT Vertical
CREATE OR REPLACE VIEW equivalence_summary AS
SELECT
    {candidate:String} AS candidate,
    newest AS fingerprint,
    newest_model AS model,
    first_captured_at,
    last_captured_at,
    n['exchanges'] AS exchanges,
    seen AS conversations,
    n['pairs'] AS compared,
    n['equivalent'] AS equivalent,
    n['different'] AS different,
    n['failed'] AS failed,
    toUInt64(s['exchanges'] - s['pairs']) AS not_comparable,
    n['with losses'] AS with_losses,
    n['without control'] AS without_control,
    s['equivalent'] / nullIf(s['pairs'], 0) AS equivalent_share,
    -- Of those whose finding is recorded (0003): unsure is what only a judge or a person can settle.
    s['same'] / found AS same_share,
    s['harmless'] / found AS harmless_share,
    s['unsure'] / found AS unsure_share,
    s['harmful'] / found AS harmful_share,
    s['control unsure'] / control_found AS control_unsure_share,
    s['control harmful'] / control_found AS control_harmful_share,
    m['quality'] AS mean_quality,
    m['control quality'] AS mean_control_quality,
    m['divergence'] AS mean_divergence,
    m['control divergence'] AS mean_control_divergence,
    m['error'] AS error_rate,
    m['control error'] AS control_error_rate,
    ms[1][1] AS ttft_p50_ms,
    ms[2][1] AS control_ttft_p50_ms,
    ms[1][2] AS ttft_p95_ms,
    ms[2][2] AS control_ttft_p95_ms,
    ms[3][1] AS total_p50_ms,
    ms[4][1] AS control_total_p50_ms,
    ms[3][2] AS total_p95_ms,
    ms[4][2] AS control_total_p95_ms,
    m['cost'] AS mean_cost_usd,
    m['control cost'] AS mean_control_cost_usd,
    n['unpriced'] AS unpriced
FROM
(
    SELECT
        any(fingerprint) AS newest,
        any(model) AS newest_model,
        minOrNull(first_at) AS first_captured_at,
        maxOrNull(last_at) AS last_captured_at,
        uniqCombinedMerge(14)(conversations) AS seen,
        sumMap(sums) AS s,
        CAST(s, 'Map(String, UInt64)') AS n,
        mapApply((name, sum) -> (name, sum / nullIf(s[concat(name, ' known')], 0)), s) AS m,
        nullIf(s['found'], 0) AS found,
        nullIf(s['control found'], 0) AS control_found,
        arrayMap(each -> arrayMap(ms -> if(isNaN(ms), NULL, ms), each), quantilesExactWeightedForEachMerge(0.500000000001, 0.950000000001)(latencies)) AS ms
    FROM
    (
        SELECT fingerprint, model, first_at, last_at, conversations, sums, latencies
        FROM day_sums FINAL
        WHERE part = 'summary' AND arm = {candidate:String}
            AND (day, arrived) IN (SELECT day, arrived FROM settled_since(source='comparisons', arm={candidate:String}, since={since:String}))
        UNION ALL
        SELECT fingerprint, model, first_at, last_at, conversations, sums, latencies
        FROM summary_from_rows(candidate={candidate:String}, since={since:String}, grid=false)
    )
    WHERE fingerprint IN (SELECT argMax(fingerprint, last_asked_at) FROM arm_settings WHERE arm = {candidate:String})
);
