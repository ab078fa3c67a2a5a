-- 0022: comparisons added up by days. Why: the views that people ask by name would otherwise read every comparison each time.
-- Needs 0009 and 0021. Safe to run twice. Nothing here is a source: record makes it from comparisons, and views read rows where it is missing.
-- Undo: DROP TABLE comparison_days; DROP TABLE comparison_days_settled; DROP VIEW arm_settings_mv; DROP TABLE arm_settings; the views of this version go with them.

-- What each of the views ..._from_rows (sql/views) says of whole days (UTC), as states that can be merged. No text of an answer or a
-- request. A column that a dimension has no use for is empty there.
CREATE TABLE IF NOT EXISTS comparison_days
(
    -- '' of noise, which is of exchanges, whichever candidates they were asked of.
    arm LowCardinality(String),
    day Date,
    fingerprint LowCardinality(String),
    -- summary: all of it; delta: by route; at: by hour; noise: by route; else a dimension of slice_report.
    dimension LowCardinality(String),
    slice String,
    -- Rows of comparisons captured on that day that had come: of two versions the one with more of them is the later.
    arrived UInt64,
    exchanges UInt64,
    pairs UInt64,
    model LowCardinality(String),
    first_captured_at DateTime64(3, 'UTC'),
    last_captured_at DateTime64(3, 'UTC'),
    -- Rows are kept for so long after it, as those are that they were made of.
    last_compared_at DateTime64(3, 'UTC'),
    equivalent UInt64,
    different UInt64,
    failed UInt64,
    with_losses UInt64,
    without_control UInt64,
    unpriced UInt64,
    -- Of how many the finding is recorded, and what it is.
    found UInt64,
    same UInt64,
    harmless UInt64,
    unsure UInt64,
    harmful UInt64,
    control_found UInt64,
    control_same UInt64,
    control_harmless UInt64,
    control_unsure UInt64,
    control_harmful UInt64,
    -- Within 0.4 % where there are tens of thousands, exact below; of slices within 1.2 %.
    conversations AggregateFunction(uniqCombined(16), Nullable(UInt64)),
    slice_conversations AggregateFunction(uniqCombined(13), UInt64),
    quality AggregateFunction(avg, Nullable(Float64)),
    control_quality AggregateFunction(avg, Nullable(Float64)),
    quality_delta AggregateFunction(avg, Nullable(Float64)),
    divergence AggregateFunction(avg, Nullable(Float64)),
    control_divergence AggregateFunction(avg, Nullable(Float64)),
    error AggregateFunction(avg, Nullable(UInt8)),
    control_error AggregateFunction(avg, Nullable(UInt8)),
    cost_usd AggregateFunction(avg, Nullable(Float64)),
    control_cost_usd AggregateFunction(avg, Nullable(Float64)),
    -- Null where no cost is known.
    total_cost_usd Nullable(Float64),
    total_control_cost_usd Nullable(Float64),
    priced UInt64,
    -- Pairs that both answered, and of those the ones of which both say when they began.
    answered UInt64,
    ttft_answered UInt64,
    total_delta_ms AggregateFunction(avg, Nullable(Float64)),
    -- How many pairs have which.
    ttft_known UInt64,
    control_ttft_known UInt64,
    total_known UInt64,
    control_total_known UInt64,
    -- Values and how often each was seen, on a grid that is at most 1 % off.
    ttft_ms AggregateFunction(quantilesExactWeighted(0.500000000001, 0.950000000001), Nullable(Float64), UInt8),
    control_ttft_ms AggregateFunction(quantilesExactWeighted(0.500000000001, 0.950000000001), Nullable(Float64), UInt8),
    total_ms AggregateFunction(quantilesExactWeighted(0.500000000001, 0.950000000001), Nullable(Float64), UInt8),
    control_total_ms AggregateFunction(quantilesExactWeighted(0.500000000001, 0.950000000001), Nullable(Float64), UInt8),
    -- The control's total_ms by the served one.
    total_ratio AggregateFunction(quantilesExactWeighted(0.500000000001, 0.950000000001), Nullable(Float64), UInt8),
    -- Of an hour, as time_series has them: it is never of two days.
    hour_quantiles Array(Nullable(Float64)),
    settled_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(arrived)
ORDER BY (arm, day, fingerprint, dimension, slice);

-- Days of which everything is in comparison_days. They hold while as many comparisons have come as then.
CREATE TABLE IF NOT EXISTS comparison_days_settled
(
    arm LowCardinality(String),
    day Date,
    arrived UInt64,
    settled_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(arrived)
ORDER BY (arm, day);

-- The settings that each candidate was asked with, and when last: with others it is another candidate, and a report is of the newest.
CREATE TABLE IF NOT EXISTS arm_settings
(
    arm LowCardinality(String),
    fingerprint LowCardinality(String),
    last_asked_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (arm, fingerprint);

CREATE MATERIALIZED VIEW IF NOT EXISTS arm_settings_mv TO arm_settings AS
SELECT arm, arm_fingerprint AS fingerprint, max(asked_at) AS last_asked_at
FROM comparisons
GROUP BY arm, fingerprint;

INSERT INTO arm_settings
SELECT arm, arm_fingerprint AS fingerprint, max(asked_at) AS last_asked_at
FROM comparisons
GROUP BY arm, fingerprint;

-- Hours of rows that came before arrivals were counted (0009, 0021): where nothing has come, nothing is asked.
INSERT INTO comparison_arrivals
SELECT arm, toStartOfHour(toDateTime(captured_at, 'UTC')) AS hour, count() AS arrived
FROM comparisons
WHERE (arm, toStartOfHour(toDateTime(captured_at, 'UTC'))) NOT IN (SELECT arm, hour FROM comparison_arrivals)
GROUP BY arm, hour;

INSERT INTO observation_arrivals
SELECT arm, toStartOfHour(toDateTime(captured_at, 'UTC')) AS hour, count() AS arrived
FROM observations
WHERE (arm, toStartOfHour(toDateTime(captured_at, 'UTC'))) NOT IN (SELECT arm, hour FROM observation_arrivals)
GROUP BY arm, hour;
