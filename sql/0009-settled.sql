-- 0009: what a verdict needs, added up. Why: a verdict over millions of comparisons would otherwise read every one of them.
-- Needs 0001 and 0007. Safe to run twice. Nothing here is a source: the report makes all of it again from comparisons.
-- Undo: DROP VIEW comparison_arrivals_mv; DROP TABLE comparison_arrivals; DROP TABLE campaign_settled; DROP TABLE campaign_sums;
-- DROP TABLE campaign_conversations.

-- How many rows of comparisons have come, by the hour of capture. A row that comes late or again changes it, so that sums
-- over that hour are no longer trusted.
CREATE TABLE IF NOT EXISTS comparison_arrivals
(
    arm LowCardinality(String),
    hour DateTime('UTC'),
    arrived UInt64
)
ENGINE = SummingMergeTree
ORDER BY (arm, hour);

CREATE MATERIALIZED VIEW IF NOT EXISTS comparison_arrivals_mv TO comparison_arrivals AS
SELECT arm, toStartOfHour(toDateTime(captured_at, 'UTC')) AS hour, count() AS arrived
FROM comparisons
GROUP BY arm, hour;

-- One row per campaign and hour up to which its comparisons have been added up. The last 48 hours and 60 midnights are kept:
-- a slot is written anew by the hour that comes after it.
CREATE TABLE IF NOT EXISTS campaign_settled
(
    campaign_id String,
    slot UInt16,
    -- Of campaign, hour, arrivals and version: who adds up the same gets the same.
    settled_id String,
    -- Of what the sums mean.
    version UInt16,
    -- Comparisons captured before it are in the sums.
    until DateTime64(3, 'UTC'),
    -- Rows of comparisons captured before it that had come when they were added up.
    arrived UInt64,
    -- Rows of campaign_sums.
    parts UInt32,
    -- What is counted beside the gates, as JSON.
    tally String CODEC(ZSTD(1)),
    settled_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(settled_at)
ORDER BY (campaign_id, slot);

-- One gate on one kind of traffic over all units up to the hour. Rows of two hours of one campaign can be subtracted.
CREATE TABLE IF NOT EXISTS campaign_sums
(
    campaign_id String,
    slot UInt16,
    settled_id String,
    until DateTime64(3, 'UTC'),
    -- gate: the whole traffic; throughout: with every incident; slice: one value of one dimension; cell: what the search
    -- for slices adds up, by everything that traffic is cut by.
    scope LowCardinality(String),
    gate LowCardinality(String),
    dimension LowCardinality(String),
    -- Of a cell: a JSON array of one value per dimension.
    value String,
    -- Of a cell: the half of its conversations that is searched. Everything else is then of the half that confirms.
    discovery_units UInt64,
    discovery_exchanges UInt64,
    discovery_sum Float64,
    discovery_squares Float64,
    units UInt64,
    exchanges UInt64,
    -- Exchanges that the gate's notes count.
    marked UInt64,
    -- How often each value of Y, times the weight, was seen: all of them, or on a grid.
    is_exact Bool,
    points Array(Float64),
    times Array(Float64),
    -- The same without the candidate's incidents; calm_units is null where that is no different.
    calm_units Nullable(UInt64),
    calm_is_exact Bool,
    calm_points Array(Float64),
    calm_times Array(Float64),
    -- Sum of Y if both arms were equal.
    if_equal Float64,
    heaviest Float64,
    lightest Float64,
    candidate_sum Float64,
    candidate_weight Float64,
    reference_sum Float64,
    reference_weight Float64,
    -- Of a gate about a quantile: values by bins of a fixed relative width, with the least one of each.
    candidate_bins Array(Int32),
    candidate_counts Array(UInt64),
    candidate_least Array(Float64),
    reference_bins Array(Int32),
    reference_counts Array(UInt64),
    reference_least Array(Float64),
    settled_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(settled_at)
ORDER BY (campaign_id, slot, scope, gate, dimension, value);

-- Conversations that were closed, so that one that goes on later is known to be late.
CREATE TABLE IF NOT EXISTS campaign_conversations
(
    campaign_id String,
    -- The first sixteen digits of its SHA-256.
    conversation String,
    closed_by DateTime64(3, 'UTC'),
    settled_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY (campaign_id, conversation, closed_by);
