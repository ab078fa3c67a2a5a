-- What the views that add up are put together from: sums of whole days, and the same from the rows of all other days.
-- Why: a day that is settled (0023) is read from day_sums, any other from its rows; the answer is the same, only later.
-- Needs 0023. Safe to run twice. Undo: DROP VIEW of each name below, and of the views that ask them.
-- Where a view asks one of these, its text is put in place when the view is made: the engine plans a view within a view twice a level.

-- The days of which day_sums holds: nothing has come since, late or again.
CREATE OR REPLACE VIEW settled_days AS
SELECT source, arm, day, max(settled) AS arrived
FROM day_arrivals
GROUP BY source, arm, day
HAVING max(settled) = sum(came);

-- Those of them that begin at `since` or later.
CREATE OR REPLACE VIEW settled_since AS
SELECT day, max(settled) AS arrived
FROM day_arrivals
WHERE source = {source:String} AND arm = {arm:String} AND day >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
GROUP BY day
HAVING max(settled) = sum(came);

-- Every other day of which something has come, the one that `since` cuts included: named one by one, because that is what the index
-- finds rows by.
CREATE OR REPLACE VIEW open_since AS
SELECT day
FROM day_arrivals
WHERE source = {source:String} AND arm = {arm:String} AND day >= toDate(parseDateTime64BestEffort({since:String}, 3, 'UTC'))
GROUP BY day
HAVING max(settled) != sum(came) OR day < parseDateTime64BestEffort({since:String}, 3, 'UTC');

-- Days of capture whose observations were asked partly before `since`, partly after: no sum says what was asked after.
CREATE OR REPLACE VIEW cut_by_asking AS
SELECT day
FROM day_sums
WHERE part = 'spend' AND first_at < parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND last_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC');

-- With `grid`, latencies are taken on a grid, at most 1 % off, because a list of a million values is no state of a day. Their quantiles are
-- those of quantileExact: a level that is a little above makes the weighted one choose the same value.

-- Of equivalence_summary.
CREATE OR REPLACE VIEW summary_from_rows AS
WITH
    outcome != 'not_comparable' AS is_pair,
    ['exchanges', 'pairs', 'equivalent', 'different', 'failed', 'with losses', 'without control', 'unpriced',
        'found', 'same', 'harmless', 'unsure', 'harmful', 'control found', 'control unsure', 'control harmful'] AS counts,
    [1, is_pair, outcome = 'equivalent', outcome = 'different', outcome = 'failed', is_pair AND notEmpty(losses),
        is_pair AND pair.control_quality IS NULL, is_pair AND outcome != 'failed' AND pair.cost_usd IS NULL,
        finding != '', finding = 'same', finding = 'harmless', finding = 'unsure', finding = 'harmful',
        control_finding != '', control_finding = 'unsure', control_finding = 'harmful'] AS counted,
    ['quality', 'control quality', 'divergence', 'control divergence', 'error', 'control error', 'cost', 'control cost',
        'ttft', 'control ttft', 'total', 'control total'] AS measures,
    [pair.ttft_ms, pair.control_ttft_ms, pair.total_ms, pair.control_total_ms] AS taken,
    arrayConcat([pair.quality, pair.control_quality, pair.divergence, pair.control_divergence, pair.error, pair.control_error,
        pair.cost_usd, pair.control_cost_usd], taken) AS measured
SELECT
    arm,
    'summary' AS part,
    toDate(pair.captured_at) AS day,
    arm_fingerprint AS fingerprint,
    emptyArrayString() AS labels,
    mapFromArrays(
        arrayConcat(counts, measures, arrayMap(name -> concat(name, ' known'), measures)),
        arrayConcat(
            CAST(sumForEach(counted), 'Array(Float64)'),
            arrayMap(each -> ifNull(each, 0), sumForEach(if(is_pair, measured, []))),
            CAST(countForEach(if(is_pair, measured, [])), 'Array(Float64)'))
    ) AS sums,
    toString(any(pair.arm_model)) AS model,
    min(pair.captured_at) AS first_at,
    max(pair.captured_at) AS last_at,
    uniqCombinedState(14)(if(is_pair, sipHash64(conversation_id), NULL)) AS conversations,
    quantilesExactWeightedForEachState(0.500000000001, 0.950000000001)(
        if(is_pair, if({grid:Bool}, arrayMap(ms -> if(ms <= 0, ms, exp2(round(log2(ms) * 36) / 36)), taken), taken), []),
        if(is_pair, [1, 1, 1, 1], [])
    ) AS latencies,
    max(pair.compared_at) AS last_stored_at
FROM comparisons AS pair FINAL
WHERE arm = {candidate:String}
    AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND toDate(captured_at) IN (SELECT day FROM open_since(source='comparisons', arm={candidate:String}, since={since:String}))
GROUP BY arm, day, fingerprint;

-- Of latency_delta and cost_delta.
CREATE OR REPLACE VIEW deltas_from_rows AS
WITH
    pair.total_ms IS NOT NULL AND pair.control_total_ms IS NOT NULL AS is_answered,
    pair.ttft_ms IS NOT NULL AND pair.control_ttft_ms IS NOT NULL AS is_begun,
    outcome IN ('equivalent', 'different') AS has_answer,
    has_answer AND pair.cost_usd IS NOT NULL AND pair.control_cost_usd IS NOT NULL AS is_priced,
    [if(is_begun, pair.ttft_ms, NULL), if(is_begun, pair.control_ttft_ms, NULL), pair.total_ms, pair.control_total_ms] AS taken
SELECT
    arm,
    'deltas' AS part,
    toDate(pair.captured_at) AS day,
    arm_fingerprint AS fingerprint,
    [route_or_all] AS labels,
    mapFromArrays(
        ['answered', 'ttft answered', 'total delta', 'priced', 'unpriced', 'cost', 'control cost'],
        arrayMap(each -> toFloat64(ifNull(each, 0)), sumForEach([
            is_answered, is_answered AND is_begun, if(is_answered, pair.total_ms - pair.control_total_ms, 0),
            is_priced, has_answer AND NOT is_priced, if(is_priced, pair.cost_usd, 0), if(is_priced, pair.control_cost_usd, 0)]))
    ) AS sums,
    quantilesExactWeightedForEachState(0.500000000001, 0.950000000001)(
        if(is_answered, if({grid:Bool}, arrayMap(ms -> if(ms <= 0, ms, exp2(round(log2(ms) * 36) / 36)), taken), taken), []),
        if(is_answered, [1, 1, 1, 1], [])
    ) AS latencies,
    max(pair.compared_at) AS last_stored_at
FROM comparisons AS pair FINAL
ARRAY JOIN [toString(route), '*'] AS route_or_all
WHERE arm = {candidate:String}
    AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND toDate(captured_at) IN (SELECT day FROM open_since(source='comparisons', arm={candidate:String}, since={since:String}))
    AND outcome != 'not_comparable'
GROUP BY arm, day, fingerprint, labels;

-- Of slice_report.
CREATE OR REPLACE VIEW slices_from_rows AS
WITH
    ['quality', 'control quality', 'quality delta', 'divergence', 'control divergence', 'error', 'control error'] AS measures,
    [pair.quality, pair.control_quality, pair.quality - pair.control_quality, pair.divergence, pair.control_divergence, pair.error,
        pair.control_error] AS measured
SELECT
    arm,
    'slices' AS part,
    toDate(pair.captured_at) AS day,
    arm_fingerprint AS fingerprint,
    of AS labels,
    mapFromArrays(
        arrayConcat(['pairs', 'found', 'harmful', 'control found', 'control harmful'], measures, arrayMap(name -> concat(name, ' known'), measures)),
        arrayConcat(
            CAST(sumForEach(
                [1, pair.finding != '', pair.finding = 'harmful', pair.control_finding != '', pair.control_finding = 'harmful']), 'Array(Float64)'),
            arrayMap(each -> ifNull(each, 0), sumForEach(measured)),
            CAST(countForEach(measured), 'Array(Float64)'))
    ) AS sums,
    uniqCombinedState(12)(sipHash64(conversation_id)) AS slice_conversations,
    max(pair.compared_at) AS last_stored_at
FROM comparisons AS pair FINAL
ARRAY JOIN
    [
        ['route', toString(route)],
        ['task', toString(task)],
        ['language', toString(language)],
        ['tools', multiIf(has_tools IS NULL, '', has_tools, 'yes', 'no')],
        ['length', multiIf(
            prompt_tokens IS NULL, '', prompt_tokens < 1000, 'under 1k', prompt_tokens < 4000, '1k to 4k',
            prompt_tokens < 16000, '4k to 16k', 'over 16k')],
        ['tier', toString(tier)],
        ['hour', leftPad(toString(toHour(captured_at)), 2, '0')]
    ] AS of
WHERE arm = {candidate:String}
    AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND toDate(captured_at) IN (SELECT day FROM open_since(source='comparisons', arm={candidate:String}, since={since:String}))
    AND outcome != 'not_comparable'
    AND of[2] != ''
GROUP BY arm, day, fingerprint, labels;

-- Of time_series.
CREATE OR REPLACE VIEW hours_from_rows AS
WITH
    ['quality', 'control quality', 'divergence', 'control divergence', 'error', 'control error', 'cost', 'control cost'] AS measures,
    [pair.quality, pair.control_quality, pair.divergence, pair.control_divergence, pair.error, pair.control_error, pair.cost_usd,
        pair.control_cost_usd] AS measured
SELECT
    arm,
    'hours' AS part,
    toDate(pair.captured_at) AS day,
    arm_fingerprint AS fingerprint,
    [leftPad(toString(toHour(pair.captured_at)), 2, '0')] AS labels,
    mapFromArrays(
        arrayConcat(['pairs', 'found', 'harmful', 'control found', 'control harmful'], measures, arrayMap(name -> concat(name, ' known'), measures)),
        arrayConcat(
            CAST(sumForEach(
                [1, pair.finding != '', pair.finding = 'harmful', pair.control_finding != '', pair.control_finding = 'harmful']), 'Array(Float64)'),
            arrayMap(each -> ifNull(each, 0), sumForEach(measured)),
            CAST(countForEach(measured), 'Array(Float64)'))
    ) AS sums,
    [
        quantile(0.5)(pair.ttft_ms), quantile(0.5)(pair.control_ttft_ms), quantile(0.95)(pair.ttft_ms),
        quantile(0.95)(pair.control_ttft_ms), quantile(0.95)(pair.total_ms), quantile(0.95)(pair.control_total_ms)
    ] AS quantiles,
    max(pair.compared_at) AS last_stored_at
FROM comparisons AS pair FINAL
WHERE arm = {candidate:String}
    AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND toDate(captured_at) IN (SELECT day FROM open_since(source='comparisons', arm={candidate:String}, since={since:String}))
    AND outcome != 'not_comparable'
GROUP BY arm, day, fingerprint, labels;

-- Of judge_summary. What the judge gave as a reason is counted as 'reason X'.
CREATE OR REPLACE VIEW judged_from_rows AS
WITH
    pair.judge_state = 'decided' AS is_decided,
    ['cost', 'quality', 'ladder quality', 'length ratio'] AS measures,
    [pair.judge_cost_usd, if(is_decided, pair.quality, NULL), if(is_decided, pair.ladder_quality, NULL),
        if(is_decided, pair.judge_length_ratio, NULL)] AS measured
SELECT
    arm,
    'judged' AS part,
    toDate(pair.captured_at) AS day,
    arm_fingerprint AS fingerprint,
    [toString(route), toString(judge_version)] AS labels,
    mapAdd(
        mapFromArrays(
            arrayConcat(['pairs', 'decided', 'inconsistent', 'not judged', 'both ways', 'consistent', 'choices', 'first place', 'cut'],
                measures, arrayMap(name -> concat(name, ' known'), measures)),
            arrayConcat(
                arrayMap(each -> toFloat64(ifNull(each, 0)), sumForEach([
                    1, is_decided, judge_state = 'inconsistent', judge_state IN ('error', 'not_asked', 'unpaired'),
                    judge_served_first IS NOT NULL AND judge_arm_first IS NOT NULL, ifNull(judge_served_first = judge_arm_first, 0),
                    ifNull(judge_served_first != 0.5, 0) + ifNull(judge_arm_first != 0.5, 0),
                    ifNull(judge_served_first = 0, 0) + ifNull(judge_arm_first = 1, 0), judge_cut])),
                arrayMap(each -> ifNull(each, 0), sumForEach(measured)),
                CAST(countForEach(measured), 'Array(Float64)'))),
        sumMap(if(judge_reason = '', map(), map(concat('reason ', judge_reason), 1.)))
    ) AS sums,
    max(pair.compared_at) AS last_stored_at
FROM comparisons AS pair FINAL
WHERE arm = {candidate:String}
    AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND toDate(captured_at) IN (SELECT day FROM open_since(source='comparisons', arm={candidate:String}, since={since:String}))
    AND judge_version != ''
GROUP BY arm, day, fingerprint, labels;

-- Of json_path_differences: pairs by route, and what differs by route and path.
CREATE OR REPLACE VIEW paths_from_rows AS
SELECT
    arm,
    'paths' AS part,
    toDate(pair.captured_at) AS day,
    arm_fingerprint AS fingerprint,
    if(of.1 = 'pairs', [toString(route)], [toString(route), of.2]) AS labels,
    map('pairs', toFloat64(countIf(of.1 = 'pairs')), 'differing', toFloat64(countIf(of.1 = 'candidate')),
        'control differing', toFloat64(countIf(of.1 = 'control'))) AS sums,
    max(pair.compared_at) AS last_stored_at
FROM comparisons AS pair FINAL
ARRAY JOIN arrayConcat(
    [('pairs', '')], arrayMap(each -> ('candidate', toString(each)), paths), arrayMap(each -> ('control', toString(each)), control_paths)) AS of
WHERE arm = {candidate:String}
    AND captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND toDate(captured_at) IN (SELECT day FROM open_since(source='comparisons', arm={candidate:String}, since={since:String}))
    AND (mapContains(scores, 'json_fields') OR mapContains(scores, 'tool_f1'))
    AND (mapContains(control_scores, 'json_fields') OR mapContains(control_scores, 'tool_f1'))
GROUP BY arm, day, fingerprint, labels;

-- Of noise_floor: once per exchange, however many candidates it was asked of.
CREATE OR REPLACE VIEW noise_from_rows AS
WITH
    ['quality', 'divergence', 'error'] AS measures,
    [quality, divergence, error] AS measured
SELECT
    '' AS arm,
    'noise' AS part,
    day,
    '' AS fingerprint,
    [route_or_all] AS labels,
    mapFromArrays(
        arrayConcat(['exchanges', 'found', 'same', 'harmless', 'unsure', 'harmful', 'ratio known'], measures,
            arrayMap(name -> concat(name, ' known'), measures)),
        arrayConcat(
            CAST(sumForEach([1, finding != '', finding = 'same', finding = 'harmless',
                finding = 'unsure', finding = 'harmful', ratio IS NOT NULL]), 'Array(Float64)'),
            arrayMap(each -> ifNull(each, 0), sumForEach(measured)),
            CAST(countForEach(measured), 'Array(Float64)'))
    ) AS sums,
    quantilesExactWeightedForEachState(0.500000000001, 0.950000000001)(
        [if(NOT {grid:Bool} OR ratio <= 0, ratio, exp2(round(log2(ratio) * 36) / 36))], [1]
    ) AS latencies,
    max(compared_at) AS last_stored_at
FROM
(
    SELECT
        exchange_id,
        toDate(pair.captured_at) AS day,
        toString(any(pair.route)) AS route,
        max(pair.compared_at) AS compared_at,
        argMax(control_quality, asked_at) AS quality,
        argMax(control_divergence, asked_at) AS divergence,
        argMax(toUInt8(control_error), asked_at) AS error,
        argMax(toString(control_finding), asked_at) AS finding,
        argMax(control_total_ms, asked_at) / any(served_total_ms) AS ratio
    FROM comparisons AS pair
    WHERE captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
        AND toDate(captured_at) IN (SELECT day FROM open_since(source='comparisons', arm='', since={since:String}))
        AND outcome != 'not_comparable'
        AND control_fingerprint != ''
    GROUP BY exchange_id, day
)
ARRAY JOIN [route, '*'] AS route_or_all
GROUP BY day, labels;

-- Of spend: by day of capture and day of asking. A day of capture that `since` cuts by the time of asking is read from its rows.
CREATE OR REPLACE VIEW spend_from_rows AS
WITH
    [toFloat64(call.input_tokens), toFloat64(call.cached_input_tokens), toFloat64(call.output_tokens), call.cost_usd] AS measured,
    ['tokens in', 'cached tokens in', 'tokens out', 'cost'] AS measures
SELECT
    '' AS arm,
    'spend' AS part,
    toDate(captured_at) AS day,
    '' AS fingerprint,
    [toString(toDate(asked_at)), toString(call.arm), toString(provider), toString(model)] AS labels,
    mapFromArrays(
        arrayConcat(['calls', 'failed', 'not asked', 'unpriced'], measures, arrayMap(name -> concat(name, ' known'), measures)),
        arrayConcat(
            CAST(sumForEach([outcome IN ('answered', 'failed'), outcome = 'failed',
                outcome NOT IN ('answered', 'failed'), outcome = 'answered' AND call.cost_usd IS NULL]), 'Array(Float64)'),
            arrayMap(each -> ifNull(each, 0), sumForEach(measured)),
            CAST(countForEach(measured), 'Array(Float64)'))
    ) AS sums,
    min(asked_at) AS first_at,
    max(asked_at) AS last_at,
    max(stored_at) AS last_stored_at
FROM observations AS call FINAL
WHERE asked_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND toDate(captured_at) IN
    (
        SELECT day FROM open_since(source='observations', arm='', since='1970-01-01')
        UNION ALL
        SELECT day FROM cut_by_asking(since={since:String})
    )
GROUP BY day, labels;

-- Of served_drift.
CREATE OR REPLACE VIEW drift_from_rows AS
SELECT
    '' AS arm,
    'drift' AS part,
    toDate(captured_at) AS day,
    '' AS fingerprint,
    [toString(route), toString(request_model), toString(served_model)] AS labels,
    mapFromArrays(
        ['answers', 'refused', 'cut', 'errors', 'status known'],
        arrayMap(each -> toFloat64(ifNull(each, 0)), sumForEach(
            [1, answer_outcome = 'refused', finish = 'length', status >= 400, status IS NOT NULL]))
    ) AS sums,
    [
        quantile(0.5)(served.output_tokens), quantile(0.5)(served.ttft_ms), quantile(0.95)(served.ttft_ms), quantile(0.5)(served.total_ms)
    ] AS quantiles,
    max(stored_at) AS last_stored_at
FROM exchanges AS served FINAL
WHERE captured_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')
    AND toDate(captured_at) IN (SELECT day FROM open_since(source='exchanges', arm='', since={since:String}))
    AND wire_end = 'complete'
GROUP BY day, labels;
