-- 0003: what was found in each pair. Why: what a pair of answers comes to, where documents differ, labels, and the scores of
-- control and served answer, so that reports count them over traffic beside the served model's own noise. Needs 0002. Safe
-- to run twice. Rows from before have empty texts, lists and maps: they are in no such count.
-- Undo: ALTER TABLE comparisons DROP COLUMN each name below; the views are made anew by the next start.
ALTER TABLE comparisons
    -- same, harmless, harmful or unsure; empty where it is not comparable.
    ADD COLUMN IF NOT EXISTS finding LowCardinality(String),
    -- 'rung:kind' of each difference.
    ADD COLUMN IF NOT EXISTS kinds Array(LowCardinality(String)),
    -- Where the answers differ in a way that matters, '*' for any index.
    ADD COLUMN IF NOT EXISTS paths Array(String),
    ADD COLUMN IF NOT EXISTS label LowCardinality(String),
    ADD COLUMN IF NOT EXISTS control_finding LowCardinality(String),
    ADD COLUMN IF NOT EXISTS control_decided_by LowCardinality(String),
    ADD COLUMN IF NOT EXISTS control_kinds Array(LowCardinality(String)),
    ADD COLUMN IF NOT EXISTS control_paths Array(String),
    ADD COLUMN IF NOT EXISTS control_label LowCardinality(String),
    ADD COLUMN IF NOT EXISTS control_scores Map(LowCardinality(String), Float64),
    ADD COLUMN IF NOT EXISTS served_label LowCardinality(String),
    ADD COLUMN IF NOT EXISTS served_scores Map(LowCardinality(String), Float64);
