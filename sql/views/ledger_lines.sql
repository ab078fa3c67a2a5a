-- ledger_lines: how many exchanges (or exchange and arm) ended where, and why, over the whole recorded time.
-- Why: nothing is lost silently. Needs ledger_accounts. Safe to run twice. Undo: DROP VIEW ledger_lines;
-- Example: SELECT * FROM ledger_lines ORDER BY stage, arm, outcome, reason
CREATE OR REPLACE VIEW ledger_lines AS
SELECT line.1.1 AS stage, nullIf(line.1.2, '') AS arm, line.1.3 AS outcome, nullIf(line.1.4, '') AS reason, line.2 AS count
FROM ledger_accounts
ARRAY JOIN lines AS line;
