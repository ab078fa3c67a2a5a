-- ledger_balance: one row; is every exchange accounted for at every stage? `missing` is 0 where it is.
-- Why: a verdict on a part of the traffic, chosen by what got lost, is worth nothing. Needs ledger_accounts.
-- Safe to run twice. Undo: DROP VIEW ledger_balance;
-- What came in within the last ten minutes is still on its way: `pending`, not `missing`. So is what `replay` and `compare`
-- have not reached yet, for up to a day: a backlog (an import, an outage) is late, not lost. A stage has reached what came in
-- ten minutes before the latest record that it has done.
--   unexplained_* the tap served it, and it was neither published nor counted under a reason
--   unstored_*    the tap says it published it, and it is neither here nor erased
--   unobserved_*  it is here, and no arm was asked about it, not even to say why not
--   uncompared_*  an arm's observation without a comparison
-- The first two are counted by the hour of capture, and of the tap only: a file may be imported twice, and is stored once.
-- Hours that retention has begun to delete are left out. A dead letter accounts for its exchange until it is sent again.
-- Example: SELECT missing, pending FROM ledger_balance
CREATE OR REPLACE VIEW ledger_balance AS
SELECT * EXCEPT lines
FROM ledger_accounts;
