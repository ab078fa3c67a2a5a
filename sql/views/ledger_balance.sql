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
WITH
    toStartOfMinute(now('UTC') - INTERVAL 10 MINUTE) AS settled,
    toStartOfMinute(now('UTC') - INTERVAL 1 DAY) AS overdue,
    (
        SELECT max(toUInt32OrZero(extract(engine_full, 'toIntervalDay\\((\\d+)\\)')))
        FROM system.tables
        WHERE database = currentDatabase() AND name = 'exchanges'
    ) AS retention_days,
    if(retention_days = 0, toDateTime(0, 'UTC'), toStartOfHour(now('UTC') - toIntervalHour(retention_days * 24 - 12))) AS kept_since,
    hours AS
    (
        SELECT
            hour,
            hour >= kept_since AS is_kept,
            sumIf(line.count, stage = 'tap' AND outcome = 'served' AND is_kept) AS served,
            sumIf(line.count, stage = 'tap' AND outcome = 'served' AND is_kept AND at >= settled) AS served_recent,
            sumIf(line.count, stage = 'tap' AND outcome NOT IN ('served', 'published') AND is_kept) AS explained,
            sumIf(line.count, stage = 'tap' AND outcome = 'published' AND is_kept) AS published,
            sumIf(line.count, stage = 'tap' AND outcome = 'published' AND is_kept AND at >= settled) AS published_recent,
            sumIf(line.count, stage = 'record' AND outcome IN ('stored', 'erased') AND reason = 'tap') AS arrived,
            sumIf(line.count, stage = 'record' AND outcome = 'stored') AS stored,
            greatest(0, toInt64(published) - toInt64(arrived)) AS unstored,
            -- A tap that was killed may have stored what it did not come to count as published.
            greatest(0, toInt64(served) - toInt64(explained) - toInt64(greatest(published, arrived))) AS unexplained,
            least(unstored, toInt64(published_recent)) AS unstored_recent,
            least(unexplained, toInt64(served_recent)) AS unexplained_recent,
            maxIf(at, outcome = 'observed') AS observed_at,
            maxIf(at, outcome = 'compared') AS compared_at,
            groupArrayIf((at, line.count), outcome = 'unobserved') AS unobserved,
            groupArrayIf((at, line.count), outcome = 'uncompared') AS uncompared
        FROM ledger_accounts AS line
        GROUP BY hour
    ),
    totals AS
    (
        SELECT
            sum(served) AS exchanges_served,
            sum(published) AS exchanges_published,
            sum(stored) AS exchanges_stored,
            -- Given up by `record` itself: published, and not in the table.
            (SELECT count() FROM dead_letters_unique WHERE resent_at IS NULL AND consumer_group = 'record' AND topic = 'exchanges') AS exchanges_dead,
            sum(unexplained - unexplained_recent) AS unexplained_missing,
            sum(unexplained_recent) AS unexplained_pending,
            sum(unstored - unstored_recent) AS unstored_old,
            sum(unstored_recent) AS unstored_pending,
            least(settled, greatest(overdue + INTERVAL 10 MINUTE, max(observed_at)) - INTERVAL 10 MINUTE) AS replay_settled,
            least(settled, greatest(overdue + INTERVAL 10 MINUTE, max(compared_at)) - INTERVAL 10 MINUTE) AS compare_settled,
            arrayFilter(line -> line.1 >= kept_since, groupArrayArray(unobserved)) AS unobserved_at,
            arrayFilter(line -> line.1 >= kept_since, groupArrayArray(uncompared)) AS uncompared_at
        FROM hours
    )
SELECT
    exchanges_served,
    exchanges_published,
    exchanges_stored,
    exchanges_dead,
    unexplained_missing,
    unexplained_pending,
    greatest(0, unstored_old - toInt64(exchanges_dead)) AS unstored_missing,
    unstored_pending,
    arraySum(line -> if(line.1 < replay_settled, line.2, 0), unobserved_at) AS unobserved_missing,
    arraySum(line -> if(line.1 >= replay_settled, line.2, 0), unobserved_at) AS unobserved_pending,
    arraySum(line -> if(line.1 < compare_settled, line.2, 0), uncompared_at) AS uncompared_missing,
    arraySum(line -> if(line.1 >= compare_settled, line.2, 0), uncompared_at) AS uncompared_pending,
    unexplained_missing + unstored_missing + unobserved_missing + uncompared_missing AS missing,
    unexplained_pending + unstored_pending + unobserved_pending + uncompared_pending AS pending
FROM totals;
