-- 0004: what a judge said, and what the ladder makes of a pair without it. Why: a report must be able to leave a judge's
-- decisions out (an inconsistent judge may not gate) and to say what it did and cost. Needs 0001. Safe to run twice.
-- Rows from before have '' and null. Undo: ALTER TABLE comparisons DROP COLUMN of each name below.
ALTER TABLE comparisons
    -- Of the instrument: model, prompt, rubrics. Empty where no judge was to be asked.
    ADD COLUMN IF NOT EXISTS judge_version LowCardinality(String) AFTER decided_by,
    -- decided, inconsistent, unpaired, error, not_asked.
    ADD COLUMN IF NOT EXISTS judge_state LowCardinality(String) AFTER judge_version,
    ADD COLUMN IF NOT EXISTS judge_reason LowCardinality(String) AFTER judge_state,
    -- The arm's score with the served answer in the first place, and with its own: 1 won, 0.5 tie, 0 lost.
    ADD COLUMN IF NOT EXISTS judge_served_first Nullable(Float64) AFTER judge_reason,
    ADD COLUMN IF NOT EXISTS judge_arm_first Nullable(Float64) AFTER judge_served_first,
    ADD COLUMN IF NOT EXISTS judge_cut Bool AFTER judge_arm_first,
    ADD COLUMN IF NOT EXISTS judge_length_ratio Nullable(Float64) AFTER judge_cut,
    -- Of the calls made for this pair; null where some have no price.
    ADD COLUMN IF NOT EXISTS judge_cost_usd Nullable(Float64) AFTER judge_length_ratio,
    -- Quality without the judge; null where no judge was to be asked.
    ADD COLUMN IF NOT EXISTS ladder_quality Nullable(Float64) AFTER judge_cost_usd,
    ADD COLUMN IF NOT EXISTS control_judge_version LowCardinality(String) AFTER ladder_quality,
    ADD COLUMN IF NOT EXISTS control_judge_state LowCardinality(String) AFTER control_judge_version,
    ADD COLUMN IF NOT EXISTS control_judge_served_first Nullable(Float64) AFTER control_judge_state,
    ADD COLUMN IF NOT EXISTS control_judge_arm_first Nullable(Float64) AFTER control_judge_served_first,
    ADD COLUMN IF NOT EXISTS control_judge_cost_usd Nullable(Float64) AFTER control_judge_arm_first,
    ADD COLUMN IF NOT EXISTS control_ladder_quality Nullable(Float64) AFTER control_judge_cost_usd;
