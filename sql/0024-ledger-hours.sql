-- 0024: the ledger by hours of capture. Why: whether each of millions of exchanges is accounted for would otherwise be seen from all rows
-- each time. Needs 0009 and 0021. Safe to run twice. Nothing here is a source: record makes it from rows, and the views of the ledger read
-- rows where it is missing.
-- Undo: DROP TABLE ledger_hours; DROP VIEW ledger_exchanges_mv, ledger_entries_mv, ledger_observations_mv and ledger_comparisons_mv;
-- DROP TABLE ledger_arrivals; the views of this version go with them.

-- How many rows of exchanges, observations, comparisons and ledger have come, by hour of capture.
CREATE TABLE IF NOT EXISTS ledger_arrivals
(
    hour DateTime('UTC'),
    arrived UInt64
)
ENGINE = SummingMergeTree
ORDER BY hour;

CREATE MATERIALIZED VIEW IF NOT EXISTS ledger_exchanges_mv TO ledger_arrivals AS
SELECT toStartOfHour(toDateTime(captured_at, 'UTC')) AS hour, count() AS arrived
FROM exchanges
GROUP BY hour;

CREATE MATERIALIZED VIEW IF NOT EXISTS ledger_entries_mv TO ledger_arrivals AS
SELECT toStartOfHour(toDateTime(entry.hour, 'UTC')) AS hour, count() AS arrived
FROM ledger AS entry
GROUP BY hour;

-- Of what was counted already: a few rows a block.
CREATE MATERIALIZED VIEW IF NOT EXISTS ledger_observations_mv TO ledger_arrivals AS
SELECT hour, arrived
FROM observation_arrivals;

CREATE MATERIALIZED VIEW IF NOT EXISTS ledger_comparisons_mv TO ledger_arrivals AS
SELECT hour, arrived
FROM comparison_arrivals;

-- Rows that came before.
INSERT INTO ledger_arrivals
SELECT hour, sum(came) AS arrived
FROM
(
    SELECT toStartOfHour(toDateTime(captured_at, 'UTC')) AS hour, 1 AS came FROM exchanges
    UNION ALL
    SELECT toStartOfHour(toDateTime(ledger.hour, 'UTC')) AS hour, 1 AS came FROM ledger
    UNION ALL
    SELECT hour, observation_arrivals.arrived AS came FROM observation_arrivals
    UNION ALL
    SELECT hour, comparison_arrivals.arrived AS came FROM comparison_arrivals
)
WHERE hour NOT IN (SELECT hour FROM ledger_arrivals)
GROUP BY hour;

-- What the view ledger_from_rows says of an hour. It holds while as many rows have come as then.
CREATE TABLE IF NOT EXISTS ledger_hours
(
    hour DateTime('UTC'),
    arrived UInt64,
    -- Where an exchange went no further: which exchanges dead letters held at that time, as a hash. 0: all went on.
    letters UInt64,
    lines Array(Tuple(stage String, arm String, outcome String, reason String, at DateTime('UTC'), count UInt64)),
    -- When the last exchange was stored that an arm was asked about, and the last observation that was compared.
    observed_at DateTime('UTC'),
    compared_at DateTime('UTC'),
    -- Of the rows; it is kept for so long after it, as those are.
    last_stored_at DateTime64(3, 'UTC'),
    settled_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(settled_at)
ORDER BY hour;
