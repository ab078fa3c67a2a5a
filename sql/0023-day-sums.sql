-- 0023: what is added up by days takes one column of named sums, and is of every view. Why: a view takes as long as the engine needs to
-- plan it, which is by columns and tables; and what is judged, spent and served was still added up from rows. Needs 0009, 0021, 0022.
-- Safe to run twice. Nothing here is a source: record makes it from rows, and views read rows where it is missing.
-- Undo: DROP VIEW comparison_days_mv; DROP VIEW observation_days_mv; DROP VIEW exchange_days_mv; DROP TABLE day_arrivals; DROP TABLE day_sums;
-- the views of this version go with them.

-- What each of the views ..._from_rows (sql/views) says of whole days (UTC). No text of an answer or a request. A column that a part has
-- no use for is empty there.
CREATE TABLE IF NOT EXISTS day_sums
(
    -- '' of what is of no one arm: noise, spend and drift.
    arm LowCardinality(String),
    -- Which of the views: summary, deltas, slices, hours, judged, paths, noise, spend, drift.
    part LowCardinality(String),
    day Date,
    fingerprint LowCardinality(String),
    -- What the part is cut by, such as ['route', 'support'].
    labels Array(String),
    -- Rows captured on that day that had come: of two versions the one with more of them is the later.
    arrived UInt64,
    -- By name; 'X known' says how many had an X.
    sums Map(String, Float64),
    model LowCardinality(String),
    first_at DateTime64(3, 'UTC'),
    last_at DateTime64(3, 'UTC'),
    -- Within 0.8 % where there are tens of thousands, exact where there are hundreds; of slices within 1.6 %.
    conversations AggregateFunction(uniqCombined(14), Nullable(UInt64)),
    slice_conversations AggregateFunction(uniqCombined(12), UInt64),
    -- Of each list of values: which, and how often each was seen, on a grid that is at most 1 % off.
    latencies AggregateFunction(quantilesExactWeightedForEach(0.500000000001, 0.950000000001), Array(Nullable(Float64)), Array(UInt8)),
    -- Of what is never of two days, as the view has them.
    quantiles Array(Nullable(Float64)),
    -- Rows are kept for so long after it, as those are that they were made of.
    last_stored_at DateTime64(3, 'UTC'),
    settled_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(arrived)
ORDER BY (part, arm, day, fingerprint, labels)
SETTINGS index_granularity = 256;

-- How many rows have come of each day (of capture, UTC), and how many had when it was added up: it holds while the two are equal.
CREATE TABLE IF NOT EXISTS day_arrivals
(
    -- comparisons, observations or exchanges.
    source LowCardinality(String),
    -- '' of all arms together.
    arm LowCardinality(String),
    day Date,
    came SimpleAggregateFunction(sum, UInt64),
    settled SimpleAggregateFunction(max, UInt64)
)
ENGINE = AggregatingMergeTree
ORDER BY (source, arm, day);

CREATE MATERIALIZED VIEW IF NOT EXISTS comparison_days_mv TO day_arrivals AS
SELECT 'comparisons' AS source, arrayJoin([toString(arm), '']) AS arm, toDate(hour) AS day, sum(arrived) AS came
FROM comparison_arrivals
GROUP BY source, arm, day;

CREATE MATERIALIZED VIEW IF NOT EXISTS observation_days_mv TO day_arrivals AS
SELECT 'observations' AS source, '' AS arm, toDate(hour) AS day, sum(arrived) AS came
FROM observation_arrivals
GROUP BY source, arm, day;

CREATE MATERIALIZED VIEW IF NOT EXISTS exchange_days_mv TO day_arrivals AS
SELECT 'exchanges' AS source, '' AS arm, toDate(captured_at) AS day, count() AS came
FROM exchanges
GROUP BY source, arm, day;

-- Of what came before. That a day counts a little less where rows come meanwhile does no harm: more have come than when it was added up.
INSERT INTO day_arrivals (source, arm, day, came)
SELECT 'comparisons' AS source, arrayJoin([toString(arm), '']) AS arm, toDate(hour) AS day, sum(arrived) AS came
FROM comparison_arrivals
WHERE ('comparisons', toString(arm), toDate(hour)) NOT IN (SELECT source, arm, day FROM day_arrivals)
GROUP BY source, arm, day;

INSERT INTO day_arrivals (source, arm, day, came)
SELECT 'observations' AS source, '' AS arm, toDate(hour) AS day, sum(arrived) AS came
FROM observation_arrivals
WHERE ('observations', toDate(hour)) NOT IN (SELECT source, day FROM day_arrivals)
GROUP BY source, arm, day;

INSERT INTO day_arrivals (source, arm, day, came)
SELECT 'exchanges' AS source, '' AS arm, toDate(captured_at) AS day, count() AS came
FROM exchanges
WHERE ('exchanges', toDate(captured_at)) NOT IN (SELECT source, day FROM day_arrivals)
GROUP BY source, arm, day;

DROP TABLE IF EXISTS comparison_days;
DROP TABLE IF EXISTS comparison_days_settled;
