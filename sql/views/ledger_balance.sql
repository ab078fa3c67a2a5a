-- ledger_balance: one row; is every exchange accounted for at every stage? `missing` is 0 where it is.
-- Why: a verdict on a part of the traffic, chosen by what got lost, is worth nothing. Needs 00-unique-rows.
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
    now64(3) - INTERVAL 10 MINUTE AS settled,
    now64(3) - INTERVAL 1 DAY AS overdue,
    (
        SELECT max(stored_at) - INTERVAL 10 MINUTE
        FROM exchanges
        WHERE exchange_id IN (SELECT exchange_id FROM observations)
    ) AS replay_reached,
    (
        SELECT max(stored_at) - INTERVAL 10 MINUTE
        FROM observations
        WHERE observation_id IN (SELECT comparison_id FROM comparisons)
    ) AS compare_reached,
    least(settled, greatest(overdue, replay_reached)) AS replay_settled,
    least(settled, greatest(overdue, compare_reached)) AS compare_settled,
    (
        SELECT max(toUInt32OrZero(extract(engine_full, 'toIntervalDay\\((\\d+)\\)')))
        FROM system.tables
        WHERE database = currentDatabase() AND name = 'exchanges'
    ) AS retention_days,
    if(retention_days = 0, toDateTime('1970-01-01', 'UTC'), toStartOfHour(now('UTC') - toIntervalHour(retention_days * 24 - 12))) AS kept_since,
    waiting AS (SELECT * FROM dead_letters_unique WHERE resent_at IS NULL),
    counted AS
    (
        SELECT
            toDateTime(hour, 'UTC') AS counted_hour,
            sumIf(count, outcome = 'served') AS served,
            sumIf(count, outcome = 'served' AND stored_at >= settled) AS served_recent,
            sumIf(count, outcome NOT IN ('served', 'published')) AS explained,
            sumIf(count, outcome = 'published') AS published,
            sumIf(count, outcome = 'published' AND stored_at >= settled) AS published_recent
        FROM ledger_unique
        WHERE stage = 'tap' AND hour >= kept_since
        GROUP BY counted_hour
    ),
    stored AS
    (
        SELECT toDateTime(toStartOfHour(captured_at), 'UTC') AS stored_hour, count() AS stored
        FROM exchanges_unique
        WHERE source = 'tap' AND captured_at >= kept_since
        GROUP BY stored_hour
    ),
    erased AS
    (
        SELECT toDateTime(hour, 'UTC') AS erased_hour, sum(count) AS erased
        FROM ledger_unique
        WHERE stage = 'record' AND outcome = 'erased' AND reason = 'tap' AND hour >= kept_since
        GROUP BY erased_hour
    ),
    hours AS
    (
        SELECT
            *,
            stored + erased AS arrived,
            greatest(0, toInt64(published) - toInt64(arrived)) AS unstored_all,
            -- A tap that was killed may have stored what it did not come to count as published.
            greatest(0, toInt64(served) - toInt64(explained) - toInt64(greatest(published, arrived))) AS unexplained_all,
            least(unstored_all, toInt64(published_recent)) AS unstored_recent,
            least(unexplained_all, toInt64(served_recent)) AS unexplained_recent
        FROM counted LEFT JOIN stored ON counted_hour = stored_hour LEFT JOIN erased ON counted_hour = erased_hour
    ),
    capture AS
    (
        SELECT
            sum(served) AS exchanges_served,
            sum(published) AS exchanges_published,
            sum(unexplained_all - unexplained_recent) AS unexplained_missing,
            sum(unexplained_recent) AS unexplained_pending,
            sum(unstored_all - unstored_recent) AS unstored_old,
            sum(unstored_recent) AS unstored_pending
        FROM hours
    ),
    totals AS
    (
        SELECT
            (SELECT count() FROM exchanges_unique) AS exchanges_stored,
            -- Given up by `record` itself: published, and not in the table.
            (SELECT count() FROM waiting WHERE consumer_group = 'record' AND topic = 'exchanges') AS exchanges_dead
    ),
    unobserved AS
    (
        SELECT
            countIf(stored_at < replay_settled) AS unobserved_missing,
            countIf(stored_at >= replay_settled) AS unobserved_pending
        FROM exchanges_unique
        WHERE stored_at >= kept_since
            AND exchange_id NOT IN (SELECT exchange_id FROM observations)
            AND exchange_id NOT IN (SELECT assumeNotNull(exchange_id) FROM waiting WHERE exchange_id IS NOT NULL)
    ),
    uncompared AS
    (
        SELECT
            countIf(stored_at < compare_settled) AS uncompared_missing,
            countIf(stored_at >= compare_settled) AS uncompared_pending
        FROM observations_unique
        WHERE stored_at >= kept_since
            AND observation_id NOT IN (SELECT comparison_id FROM comparisons)
            AND exchange_id NOT IN (SELECT assumeNotNull(exchange_id) FROM waiting WHERE exchange_id IS NOT NULL)
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
    unobserved_missing,
    unobserved_pending,
    uncompared_missing,
    uncompared_pending,
    unexplained_missing + unstored_missing + unobserved_missing + uncompared_missing AS missing,
    unexplained_pending + unstored_pending + unobserved_pending + uncompared_pending AS pending
FROM capture, totals, unobserved, uncompared;
