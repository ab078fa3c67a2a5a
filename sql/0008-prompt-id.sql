-- 0008: which prompt a comparison was made under. Why: a report sorts prompts by whether they work with the candidate as they
-- are, and the text of requests is kept for days where comparisons are kept for a year. Needs 0001. Safe to run twice.
-- Rows from before have '', as have requests without a system prompt. Undo: ALTER TABLE comparisons DROP COLUMN prompt_id; the
-- view comparisons_unique is made anew by the next start.
ALTER TABLE comparisons ADD COLUMN IF NOT EXISTS prompt_id LowCardinality(String) AFTER task;
