-- 0005: waivers, scorer versions, scores from elsewhere. Why: a difference that was accepted and a score that was not made must show;
-- a comparison made again says by what; a human's or another tool's scores stand beside ours. Needs 0001. Safe to run twice.
-- Comparisons from before have the scorer version ''.
-- Undo: DROP TABLE scores; ALTER TABLE comparisons DROP COLUMN asked_at, DROP COLUMN scorer_version, DROP COLUMN waived, DROP COLUMN not_scored, DROP COLUMN scored_chars;
ALTER TABLE comparisons
    -- Which settings of an arm are its newest: compared_at is later where something was compared again.
    ADD COLUMN IF NOT EXISTS asked_at DateTime64(3, 'UTC') DEFAULT compared_at AFTER captured_at,
    ADD COLUMN IF NOT EXISTS scorer_version LowCardinality(String),
    -- Ids of waivers, as in the report.
    ADD COLUMN IF NOT EXISTS waived Array(LowCardinality(String)),
    -- Scorer of the config -> why it gave no score.
    ADD COLUMN IF NOT EXISTS not_scored Map(LowCardinality(String), String),
    -- Null: the texts were scored to their ends.
    ADD COLUMN IF NOT EXISTS scored_chars Nullable(UInt32);

CREATE TABLE IF NOT EXISTS scores
(
    score_id UUID,
    exchange_id UUID,
    -- control, served or a candidate.
    arm LowCardinality(String),
    -- Empty for served.
    arm_fingerprint LowCardinality(String),
    captured_at DateTime64(3, 'UTC'),
    name LowCardinality(String),
    -- Who or what gave it: promptfoo, a model, a person.
    scored_by LowCardinality(String),
    score Float64,
    reason String CODEC(ZSTD(3)),
    imported_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(imported_at)
ORDER BY (arm, captured_at, score_id)
SETTINGS non_replicated_deduplication_window = 1000;
