-- 0021: what a report tells besides the verdict, by days. Why: findings, places, costs and failures of millions of comparisons would
-- otherwise be counted from their rows for every report. Needs 0009. Safe to run twice. Nothing here is a source: it is made again
-- from rows where it is missing. Undo: DROP VIEW observation_arrivals_mv; DROP TABLE observation_arrivals; DROP TABLE report_days;

-- How many rows of observations have come, as comparison_arrivals counts comparisons: a day that something was added to since is
-- counted again.
CREATE TABLE IF NOT EXISTS observation_arrivals
(
    arm LowCardinality(String),
    hour DateTime('UTC'),
    arrived UInt64
)
ENGINE = SummingMergeTree
ORDER BY (arm, hour);

CREATE MATERIALIZED VIEW IF NOT EXISTS observation_arrivals_mv TO observation_arrivals AS
SELECT arm, toStartOfHour(toDateTime(captured_at, 'UTC')) AS hour, count() AS arrived
FROM observations
GROUP BY arm, hour;

CREATE TABLE IF NOT EXISTS report_days
(
    arm LowCardinality(String),
    -- Hash of both settings that were compared.
    subject String,
    -- Its name, and a hash of what exactly is asked.
    question LowCardinality(String),
    day Date,
    -- Rows of both arms captured on that day that had come when it was asked.
    arrived UInt64,
    -- The rows of the answer, as JSON. No text of an answer or a request.
    answer String CODEC(ZSTD(1)),
    settled_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(settled_at)
ORDER BY (arm, subject, question, day);
