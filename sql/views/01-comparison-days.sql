-- What the views with a candidate, and noise_floor, are put together from: states of whole days, and the same states from the rows of all
-- other days. Why: a day that is settled (0022) is read from comparison_days, any other from its rows; the answer is the same, only later.
-- Needs 0022. Safe to run twice. Undo: DROP VIEW of each name below, and of the views that ask them.

-- The days of which comparison_days holds: nothing has come since, late or again.
CREATE OR REPLACE VIEW settled_days AS
SELECT arm, day, max(settled) AS arrived
FROM
(
    SELECT toString(arm) AS arm, day, arrived AS settled, 0 AS came FROM comparison_days_settled
    UNION ALL
    SELECT arrayJoin([toString(arm), '']) AS arm, toDate(hour) AS day, 0 AS settled, arrived AS came FROM comparison_arrivals
)
GROUP BY arm, day
HAVING max(settled) = sum(came);

-- Those of them that begin at `since` or later, of one candidate; '' is of the exchanges, whichever candidates were asked.
CREATE OR REPLACE VIEW settled_since AS
SELECT day, max(settled) AS arrived
FROM
(
    SELECT day, arrived AS settled, 0 AS came FROM comparison_days_settled WHERE arm = {candidate:String}
    UNION ALL
    SELECT toDate(hour) AS day, 0 AS settled, arrived AS came FROM comparison_arrivals
    WHERE arm = {candidate:String} OR {candidate:String} = ''
)
WHERE day >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
GROUP BY day
HAVING max(settled) = sum(came);

-- Every other day of which something has come, the one that `since` cuts included: named one by one, because that is what the index
-- finds rows by.
CREATE OR REPLACE VIEW open_since AS
SELECT day
FROM
(
    SELECT day, arrived AS settled, 0 AS came FROM comparison_days_settled WHERE arm = {candidate:String}
    UNION ALL
    SELECT toDate(hour) AS day, 0 AS settled, arrived AS came FROM comparison_arrivals
    WHERE arm = {candidate:String} OR {candidate:String} = ''
)
WHERE day >= toDate(parseDateTime64BestEffort({since:String}, 3, 'UTC'))
GROUP BY day
HAVING max(settled) != sum(came) OR day < parseDateTime64BestEffort({since:String}, 3, 'UTC');

-- With `grid`, latencies are taken on a grid, at most 1 % off, because a list of a million values is no state of a day. Their quantiles are those of quantileExact: a level that is a little above
-- makes the weighted one choose the same value.

-- Of equivalence_summary.
CREATE OR REPLACE VIEW summary_from_rows AS
WITH
    outcome != 'not_comparable' AS is_pair
SELECT
    arm,
    toDate(pair.captured_at) AS day,
    arm_fingerprint AS fingerprint,
    'summary' AS dimension,
    '' AS slice,
    count() AS exchanges,
    any(pair.arm_model) AS model,
    min(pair.captured_at) AS first_captured_at,
    max(pair.captured_at) AS last_captured_at,
    max(pair.compared_at) AS last_compared_at,
    countIf(is_pair) AS pairs,
    countIf(outcome = 'equivalent') AS equivalent,
    countIf(outcome = 'different') AS different,
    countIf(outcome = 'failed') AS failed,
    countIf(is_pair AND notEmpty(losses)) AS with_losses,
    countIf(is_pair AND pair.control_quality IS NULL) AS without_control,
    countIf(is_pair AND outcome != 'failed' AND pair.cost_usd IS NULL) AS unpriced,
    countIf(finding != '') AS found,
    countIf(finding = 'same') AS same,
    countIf(finding = 'harmless') AS harmless,
    countIf(finding = 'unsure') AS unsure,
    countIf(finding = 'harmful') AS harmful,
    countIf(control_finding != '') AS control_found,
    countIf(control_finding = 'unsure') AS control_unsure,
    countIf(control_finding = 'harmful') AS control_harmful,
    uniqCombinedState(16)(if(is_pair, sipHash64(conversation_id), NULL)) AS conversations,
    avgState(if(is_pair, pair.quality, NULL)) AS quality,
    avgState(if(is_pair, pair.control_quality, NULL)) AS control_quality,
    avgState(if(is_pair, pair.divergence, NULL)) AS divergence,
    avgState(if(is_pair, pair.control_divergence, NULL)) AS control_divergence,
    avgState(if(is_pair, toUInt8(pair.error), NULL)) AS error,
    avgState(if(is_pair, toUInt8(pair.control_error), NULL)) AS control_error,
    avgState(if(is_pair, pair.cost_usd, NULL)) AS cost_usd,
    avgState(if(is_pair, pair.control_cost_usd, NULL)) AS control_cost_usd,
    countIf(is_pair AND pair.ttft_ms IS NOT NULL) AS ttft_known,
    countIf(is_pair AND pair.control_ttft_ms IS NOT NULL) AS control_ttft_known,
    countIf(is_pair AND pair.total_ms IS NOT NULL) AS total_known,
    countIf(is_pair AND pair.control_total_ms IS NOT NULL) AS control_total_known,
    quantilesExactWeightedState(0.500000000001, 0.950000000001)(if(is_pair, if(NOT {grid:Bool} OR pair.ttft_ms <= 0, pair.ttft_ms, exp2(round(log2(pair.ttft_ms) * 36) / 36)), NULL), 1) AS ttft_ms,
    quantilesExactWeightedState(0.500000000001, 0.950000000001)(if(is_pair, if(NOT {grid:Bool} OR pair.control_ttft_ms <= 0, pair.control_ttft_ms, exp2(round(log2(pair.control_ttft_ms) * 36) / 36)), NULL), 1) AS control_ttft_ms,
    quantilesExactWeightedState(0.500000000001, 0.950000000001)(if(is_pair, if(NOT {grid:Bool} OR pair.total_ms <= 0, pair.total_ms, exp2(round(log2(pair.total_ms) * 36) / 36)), NULL), 1) AS total_ms,
    quantilesExactWeightedState(0.500000000001, 0.950000000001)(if(is_pair, if(NOT {grid:Bool} OR pair.control_total_ms <= 0, pair.control_total_ms, exp2(round(log2(pair.control_total_ms) * 36) / 36)), NULL), 1) AS control_total_ms
FROM comparisons AS pair FINAL
WHERE arm = {candidate:String}
    AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND toDate(captured_at) IN (SELECT day FROM open_since(candidate={candidate:String}, since={since:String}))
GROUP BY arm, day, fingerprint;

-- Of latency_delta and cost_delta.
CREATE OR REPLACE VIEW deltas_from_rows AS
WITH
    pair.total_ms IS NOT NULL AND pair.control_total_ms IS NOT NULL AS is_answered,
    outcome IN ('equivalent', 'different') AND pair.cost_usd IS NOT NULL AND pair.control_cost_usd IS NOT NULL AS is_priced
SELECT
    arm,
    toDate(pair.captured_at) AS day,
    arm_fingerprint AS fingerprint,
    'delta' AS dimension,
    toString(route) AS slice,
    max(pair.compared_at) AS last_compared_at,
    countIf(is_answered) AS answered,
    countIf(is_answered AND pair.ttft_ms IS NOT NULL AND pair.control_ttft_ms IS NOT NULL) AS ttft_answered,
    quantilesExactWeightedState(0.500000000001, 0.950000000001)(if(is_answered AND pair.control_ttft_ms IS NOT NULL, if(NOT {grid:Bool} OR pair.ttft_ms <= 0, pair.ttft_ms, exp2(round(log2(pair.ttft_ms) * 36) / 36)), NULL), 1) AS ttft_ms,
    quantilesExactWeightedState(0.500000000001, 0.950000000001)(if(is_answered AND pair.ttft_ms IS NOT NULL, if(NOT {grid:Bool} OR pair.control_ttft_ms <= 0, pair.control_ttft_ms, exp2(round(log2(pair.control_ttft_ms) * 36) / 36)), NULL), 1) AS control_ttft_ms,
    quantilesExactWeightedState(0.500000000001, 0.950000000001)(if(is_answered, if(NOT {grid:Bool} OR pair.total_ms <= 0, pair.total_ms, exp2(round(log2(pair.total_ms) * 36) / 36)), NULL), 1) AS total_ms,
    quantilesExactWeightedState(0.500000000001, 0.950000000001)(if(is_answered, if(NOT {grid:Bool} OR pair.control_total_ms <= 0, pair.control_total_ms, exp2(round(log2(pair.control_total_ms) * 36) / 36)), NULL), 1) AS control_total_ms,
    avgState(if(is_answered, pair.total_ms - pair.control_total_ms, NULL)) AS total_delta_ms,
    countIf(is_priced) AS priced,
    countIf(outcome IN ('equivalent', 'different') AND NOT is_priced) AS unpriced,
    sumIf(pair.cost_usd, is_priced) AS total_cost_usd,
    sumIf(pair.control_cost_usd, is_priced) AS total_control_cost_usd
FROM comparisons AS pair FINAL
WHERE arm = {candidate:String}
    AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND toDate(captured_at) IN (SELECT day FROM open_since(candidate={candidate:String}, since={since:String}))
    AND outcome != 'not_comparable'
GROUP BY arm, day, fingerprint, slice;

-- Of slice_report.
CREATE OR REPLACE VIEW slices_from_rows AS
SELECT
    arm,
    toDate(pair.captured_at) AS day,
    arm_fingerprint AS fingerprint,
    of.1 AS dimension,
    of.2 AS slice,
    max(pair.compared_at) AS last_compared_at,
    count() AS pairs,
    avgState(pair.quality) AS quality,
    avgState(pair.control_quality) AS control_quality,
    avgState(pair.quality - pair.control_quality) AS quality_delta,
    avgState(pair.divergence) AS divergence,
    avgState(pair.control_divergence) AS control_divergence,
    avgState(toUInt8(pair.error)) AS error,
    avgState(toUInt8(pair.control_error)) AS control_error,
    countIf(pair.finding != '') AS found,
    countIf(pair.finding = 'harmful') AS harmful,
    countIf(pair.control_finding != '') AS control_found,
    countIf(pair.control_finding = 'harmful') AS control_harmful,
    uniqCombinedState(13)(sipHash64(conversation_id)) AS slice_conversations
FROM comparisons AS pair FINAL
ARRAY JOIN
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
    ] AS of
WHERE arm = {candidate:String}
    AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND toDate(captured_at) IN (SELECT day FROM open_since(candidate={candidate:String}, since={since:String}))
    AND outcome != 'not_comparable'
    AND slice != ''
GROUP BY arm, day, fingerprint, dimension, slice;

-- Of time_series.
CREATE OR REPLACE VIEW hours_from_rows AS
SELECT
    arm,
    toDate(pair.captured_at) AS day,
    arm_fingerprint AS fingerprint,
    'at' AS dimension,
    leftPad(toString(toHour(pair.captured_at)), 2, '0') AS slice,
    max(pair.compared_at) AS last_compared_at,
    count() AS pairs,
    avgState(pair.quality) AS quality,
    avgState(pair.control_quality) AS control_quality,
    avgState(pair.divergence) AS divergence,
    avgState(pair.control_divergence) AS control_divergence,
    avgState(toUInt8(pair.error)) AS error,
    avgState(toUInt8(pair.control_error)) AS control_error,
    countIf(pair.finding != '') AS found,
    countIf(pair.finding = 'harmful') AS harmful,
    countIf(pair.control_finding != '') AS control_found,
    countIf(pair.control_finding = 'harmful') AS control_harmful,
    [
        quantile(0.5)(pair.ttft_ms), quantile(0.5)(pair.control_ttft_ms), quantile(0.95)(pair.ttft_ms),
        quantile(0.95)(pair.control_ttft_ms), quantile(0.95)(pair.total_ms), quantile(0.95)(pair.control_total_ms)
    ] AS hour_quantiles,
    sum(pair.cost_usd) AS total_cost_usd,
    sum(pair.control_cost_usd) AS total_control_cost_usd
FROM comparisons AS pair FINAL
WHERE arm = {candidate:String}
    AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND toDate(captured_at) IN (SELECT day FROM open_since(candidate={candidate:String}, since={since:String}))
    AND outcome != 'not_comparable'
GROUP BY arm, day, fingerprint, slice;

-- Of noise_floor.
CREATE OR REPLACE VIEW noise_from_rows AS
SELECT
    '' AS arm,
    day,
    '' AS fingerprint,
    'noise' AS dimension,
    slice,
    max(last_compared_at) AS last_compared_at,
    count() AS exchanges,
    avgState(quality) AS control_quality,
    avgState(divergence) AS control_divergence,
    avgState(error) AS control_error,
    countIf(finding != '') AS control_found,
    countIf(finding = 'same') AS control_same,
    countIf(finding = 'harmless') AS control_harmless,
    countIf(finding = 'unsure') AS control_unsure,
    countIf(finding = 'harmful') AS control_harmful,
    countIf(ratio IS NOT NULL) AS total_known,
    quantilesExactWeightedState(0.500000000001, 0.950000000001)(if(NOT {grid:Bool} OR ratio <= 0, ratio, exp2(round(log2(ratio) * 36) / 36)), 1) AS total_ratio
FROM
(
    SELECT
        exchange_id,
        toDate(pair.captured_at) AS day,
        toString(any(pair.route)) AS slice,
        max(pair.compared_at) AS last_compared_at,
        argMax(control_quality, asked_at) AS quality,
        argMax(control_divergence, asked_at) AS divergence,
        argMax(toUInt8(control_error), asked_at) AS error,
        argMax(toString(control_finding), asked_at) AS finding,
        argMax(control_total_ms, asked_at) / any(served_total_ms) AS ratio
    FROM comparisons AS pair
    WHERE captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
        AND toDate(captured_at) IN (SELECT day FROM open_since(candidate='', since={since:String}))
        AND outcome != 'not_comparable'
        AND control_fingerprint != ''
    GROUP BY exchange_id, day
)
GROUP BY day, slice;
