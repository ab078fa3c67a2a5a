-- ledger_lines: how many exchanges (or exchange and arm) ended where, and why, over the whole recorded time.
-- Why: nothing is lost silently. Needs 00-unique-rows. Safe to run twice. Undo: DROP VIEW ledger_lines;
-- Example: SELECT * FROM ledger_lines ORDER BY stage, arm, outcome, reason
CREATE OR REPLACE VIEW ledger_lines AS
SELECT toString(stage) AS stage, CAST(NULL, 'Nullable(String)') AS arm, toString(outcome) AS outcome,
    nullIf(toString(reason), '') AS reason, sum(count) AS count
FROM ledger_unique
GROUP BY ALL
UNION ALL
SELECT 'record', NULL, 'stored', NULL, count() AS count FROM exchanges_unique HAVING count > 0
UNION ALL
SELECT 'replay', toNullable(toString(arm)), toString(outcome), nullIf(toString(reason), ''), count()
FROM observations_unique
GROUP BY ALL
UNION ALL
SELECT 'compare', toNullable(toString(arm)), toString(outcome), nullIf(toString(reason), ''), count()
FROM comparisons_unique
GROUP BY ALL
UNION ALL
SELECT toString(consumer_group), NULL, if(resent_at IS NULL, 'dead_lettered', 'resent'), toNullable(toString(error_code)), count()
FROM dead_letters_unique
GROUP BY ALL;
