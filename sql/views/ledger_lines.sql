-- ledger_lines: how many exchanges (or exchange and arm) ended where, and why, over the whole recorded time.
-- Why: nothing is lost silently. Needs ledger_accounts. Safe to run twice. Undo: DROP VIEW ledger_lines;
-- Example: SELECT * FROM ledger_lines ORDER BY stage, arm, outcome, reason
CREATE OR REPLACE VIEW ledger_lines AS
SELECT stage, nullIf(arm, '') AS arm, outcome, if(outcome = 'stored', NULL, nullIf(reason, '')) AS reason, sum(accounts.count) AS count
FROM ledger_accounts AS accounts
WHERE stage != ''
GROUP BY ALL
UNION ALL
SELECT toString(consumer_group), NULL, if(resent_at IS NULL, 'dead_lettered', 'resent'), toNullable(toString(error_code)), count()
FROM dead_letters_unique
GROUP BY ALL;
