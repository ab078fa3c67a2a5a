-- One row per id, the newest. Why: a record may be delivered twice, and a replacing table collapses it only when it merges.
-- Needs 0001. Safe to run twice. Undo: DROP VIEW of each name below.
-- LIMIT BY names the columns that reports filter by, so that the engine can filter before it collapses: an id always has
-- the same arm and the same captured_at.

-- Example: SELECT count() FROM exchanges_unique WHERE captured_at >= '2026-11-01'
CREATE OR REPLACE VIEW exchanges_unique AS
SELECT * FROM exchanges
ORDER BY captured_at, exchange_id, stored_at DESC
LIMIT 1 BY captured_at, exchange_id;

-- Example: SELECT arm, outcome, reason, count() FROM observations_unique GROUP BY ALL
CREATE OR REPLACE VIEW observations_unique AS
SELECT * FROM observations
ORDER BY arm, captured_at, observation_id, asked_at DESC
LIMIT 1 BY arm, captured_at, observation_id;

-- Example: SELECT avg(quality) FROM comparisons_unique WHERE arm = 'sonnet' AND captured_at >= '2026-11-01'
CREATE OR REPLACE VIEW comparisons_unique AS
SELECT * FROM comparisons
ORDER BY arm, captured_at, comparison_id, compared_at DESC
LIMIT 1 BY arm, captured_at, comparison_id;

-- Example: SELECT consumer_group, error_code, count() FROM dead_letters_unique WHERE resent_at IS NULL GROUP BY ALL
CREATE OR REPLACE VIEW dead_letters_unique AS
SELECT * FROM dead_letters
ORDER BY dead_letter_id, changed_at DESC
LIMIT 1 BY dead_letter_id;

-- Example: SELECT outcome, reason, sum(count) FROM ledger_unique WHERE hour >= '2026-11-01' GROUP BY ALL
CREATE OR REPLACE VIEW ledger_unique AS
SELECT * FROM ledger
ORDER BY hour, entry_id, stored_at DESC
LIMIT 1 BY hour, entry_id;

-- One row per exchange, arm, name and scorer: the latest import. `captured_at` and `arm_fingerprint` are the comparison's.
-- Example: SELECT name, scored_by, arm, count(), avg(score) FROM scores_unique GROUP BY ALL
CREATE OR REPLACE VIEW scores_unique AS
SELECT * FROM scores
ORDER BY arm, captured_at, score_id, imported_at DESC
LIMIT 1 BY arm, captured_at, score_id;

-- Example: SELECT reviewer, about, label, count() FROM labels_unique WHERE arm = 'sonnet' AND undone_at IS NULL GROUP BY ALL
CREATE OR REPLACE VIEW labels_unique AS
SELECT * FROM labels
ORDER BY arm, captured_at, label_id, changed_at DESC
LIMIT 1 BY arm, captured_at, label_id;
