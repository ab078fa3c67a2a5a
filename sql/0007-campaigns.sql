-- 0007: campaigns. Why: what a verdict decides is fixed before its evidence, and every change of it is another attempt.
-- Needs 0001. Safe to run twice. Rows are only ever added. Undo: DROP TABLE campaigns; DROP TABLE campaign_bounds; all
-- attempts are then forgotten, and the next start begins with the first.

CREATE TABLE IF NOT EXISTS campaigns
(
    campaign_id String,
    candidate LowCardinality(String),
    -- Of inputs.
    hash String,
    started_at DateTime64(3, 'UTC'),
    -- Comparisons of this candidate at the start, whatever their settings. 0: what went before it saw no evidence.
    compared_before UInt64,
    -- Only exchanges captured from then on count; null: all of them.
    counts_from Nullable(DateTime64(3, 'UTC')),
    -- What was fixed, as JSON: candidate, control, scoring, judge, margins, alpha, unit, slices, most units.
    inputs String CODEC(ZSTD(3))
)
ENGINE = MergeTree
ORDER BY (candidate, started_at, campaign_id)
SETTINGS non_replicated_deduplication_window = 1000;

-- What the first exchanges of a campaign fixed for the rest of it. Of several the earliest holds.
CREATE TABLE IF NOT EXISTS campaign_bounds
(
    campaign_id String,
    gate LowCardinality(String),
    -- Milliseconds or dollars, as the gate has it.
    value Float64,
    -- The last exchange that fixed it: none up to it counts.
    until DateTime64(3, 'UTC'),
    until_exchange String,
    fixed_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (campaign_id, gate, fixed_at)
SETTINGS non_replicated_deduplication_window = 1000;
