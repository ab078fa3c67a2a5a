-- 0015: golden sets. Why: a candidate can be asked about the same exchanges again and again, without waiting for traffic, and long after
-- their bodies are gone. Needs 0001. Safe to run twice. Rows are only ever added, and have no time to live.
-- Undo: DROP TABLE golden_sets; DROP TABLE golden_items; every set is then gone.

CREATE TABLE IF NOT EXISTS golden_sets
(
    -- SHA-256 over canonical JSON of name, version, parent, spec and item_hashes.
    set_address String,
    name LowCardinality(String),
    set_version UInt32,
    -- Of the version it was made from; empty for the first.
    parent String,
    frozen_at DateTime64(3, 'UTC'),
    frozen_by String,
    -- How it was drawn, as JSON.
    spec String,
    -- JSON array of {stratum, exchanges, items}.
    strata String,
    -- Of every item, in order. They stay when an item is erased, so that the address can still be checked.
    item_hashes Array(String)
)
ENGINE = ReplacingMergeTree(frozen_at)
ORDER BY (name, set_version, set_address);

CREATE TABLE IF NOT EXISTS golden_items
(
    exchange_id UUID,
    -- So that a person or a tenant is found in here when nothing else of them is left.
    conversation_id String,
    tenant_id String,
    captured_at DateTime64(3, 'UTC'),
    set_address String,
    position UInt32,
    -- SHA-256 over the content.
    item_hash String,
    -- dev or holdout.
    split LowCardinality(String),
    has_ground_truth Bool,
    -- The item as canonical JSON.
    content String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
ORDER BY (set_address, position);
