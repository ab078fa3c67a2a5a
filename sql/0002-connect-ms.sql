-- 0002: how long a call waited for its connection. Why: it is in neither ttft_ms nor total_ms, so a provider that is slow to
-- connect to shows nowhere else. Needs 0001. Safe to run twice. Rows from before have null.
-- Undo: ALTER TABLE observations DROP COLUMN connect_ms; the view observations_unique is made anew by the next start.
ALTER TABLE observations ADD COLUMN IF NOT EXISTS connect_ms Nullable(Float64) AFTER chunks;
