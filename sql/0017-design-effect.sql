-- 0017: what the exchanges of a gate say by themselves. Why: a report tells how much more alike the turns of one conversation are
-- than strangers (design effect), from sums alone. Needs 0009. Safe to run twice. Sums from before are made again from comparisons.
-- Undo: ALTER TABLE campaign_sums DROP COLUMN exchange_sum, DROP COLUMN exchange_squares.
ALTER TABLE campaign_sums ADD COLUMN IF NOT EXISTS exchange_sum Float64 AFTER times;
ALTER TABLE campaign_sums ADD COLUMN IF NOT EXISTS exchange_squares Float64 AFTER exchange_sum;
