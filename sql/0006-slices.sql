-- 0006: what kind of request a comparison is about. Why: kinds of traffic are judged by themselves, and the report does not
-- join. Needs 0001. Safe to run twice. Rows from before have '' or null: they are in no slice of these.
-- Undo: ALTER TABLE comparisons DROP COLUMN of each; the view comparisons_unique is made anew by the next start.
ALTER TABLE comparisons
    -- ISO 639-1; empty where it cannot be told.
    ADD COLUMN IF NOT EXISTS language LowCardinality(String) AFTER task,
    ADD COLUMN IF NOT EXISTS has_tools Nullable(Bool) AFTER language,
    -- As the served model counted them, else estimated from the size.
    ADD COLUMN IF NOT EXISTS prompt_tokens Nullable(UInt32) AFTER has_tools,
    -- Of the tenant; empty for none.
    ADD COLUMN IF NOT EXISTS tier LowCardinality(String) AFTER prompt_tokens;
