-- 0014: what people say of answers. Why: only people tell what is fine; their labels say how far judge and checks may be trusted.
-- Needs 0001. Safe to run twice. Undo: DROP TABLE labels; the view labels_unique goes with the next start. All labels are then gone.
CREATE TABLE IF NOT EXISTS labels
(
    label_id UUID,
    exchange_id UUID,
    -- The pair that was shown: served answer and this arm's.
    arm LowCardinality(String),
    arm_fingerprint LowCardinality(String),
    captured_at DateTime64(3, 'UTC'),
    -- Whose answer was meant: served or arm.
    about LowCardinality(String),
    -- fine, not_fine, unsure.
    label LowCardinality(String),
    note String CODEC(ZSTD(3)),
    -- Whoever labelled was not told which answer is whose.
    blind Bool,
    reviewer String,
    -- Why it was in the queue then: disagreement, unsure, random_fail, random_pass; empty: it was not.
    why LowCardinality(String),
    -- With which it came into the random share; 0: it was picked.
    sampling_probability Float64,
    labelled_at DateTime64(3, 'UTC'),
    -- Null while it stands.
    undone_at Nullable(DateTime64(3, 'UTC')),
    changed_at DateTime64(3, 'UTC') DEFAULT ifNull(undone_at, labelled_at)
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY (arm, captured_at, label_id);
