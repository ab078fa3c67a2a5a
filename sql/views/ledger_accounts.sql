-- What ledger_balance and ledger_lines are put together from: what became of the exchanges of each hour, as record added it up (0024), and
-- from their rows where it has not, or something has come since. Why: the answer is the same, only later. Needs 00-unique-rows and 0024.
-- An exchange, its observations and their comparisons have the same captured_at: nothing of an hour is looked for in another.
-- Safe to run twice. Undo: DROP VIEW of each name below, and of the views that ask them.

-- One row: which exchanges dead letters hold now, and a hash of it that is never 0.
CREATE OR REPLACE VIEW ledger_held AS
SELECT groupArray(assumeNotNull(exchange_id)) AS held, 1 + sum(sipHash64(assumeNotNull(exchange_id))) AS letters
FROM dead_letters_unique
WHERE resent_at IS NULL AND exchange_id IS NOT NULL;

-- Hours of which ledger_hours does not hold, with the rows that have come.
CREATE OR REPLACE VIEW ledger_open_hours AS
SELECT hour, sum(came) AS arrived
FROM
(
    SELECT hour, ledger_arrivals.arrived AS came, (toDateTime64(0, 3, 'UTC'), 0, 0) AS settled FROM ledger_arrivals
    UNION ALL
    SELECT hour, 0, (settled_at, ledger_hours.arrived, letters) FROM ledger_hours
)
GROUP BY hour
HAVING max(settled).2 != sum(came) OR max(settled).3 NOT IN (0, (SELECT (held, letters) FROM ledger_held).2);

-- The newest open hours that began before `until`, so many of them as have `rows` rows in all. Lines tell how many ended at a stage and
-- how (`at`: when they were counted last, where that is less than an hour ago), and, without a stage, what went no further and is held by
-- no dead letter, by the minute in which it was stored: exchanges that no arm was asked about (unobserved), and observations without
-- a comparison (uncompared).
-- The open hours are counted before a row is read: what comes meanwhile then counts as having come since.
CREATE OR REPLACE VIEW ledger_from_rows AS
WITH
    (
        SELECT (groupArray(open_hour), groupArray(came))
        FROM
        (
            SELECT hour AS open_hour, arrived AS came, sum(came) OVER (ORDER BY open_hour DESC) - came AS later
            FROM ledger_open_hours
            WHERE hour < parseDateTimeBestEffort({until:String}, 'UTC')
        )
        WHERE later < {rows:UInt64}
    ) AS open,
    toDateTime(0, 'UTC') AS never
SELECT
    hour,
    max(came) AS arrived,
    if(arrayExists(line -> line.1 = '', groupArrayArray(parts) AS found), (SELECT (held, letters) FROM ledger_held).2, 0) AS letters,
    found AS lines,
    max(observed) AS observed_at,
    max(compared) AS compared_at,
    if(max(stored) = 0, now64(3), max(stored)) AS last_stored_at
FROM
(
    SELECT of.1 AS hour, of.2 AS came, [] AS parts, never AS observed, never AS compared, toDateTime64(0, 3, 'UTC') AS stored
    FROM (SELECT arrayJoin(arrayZip(open.1, open.2)) AS of)
    UNION ALL
    SELECT
        toStartOfHour(toDateTime(ledger.hour, 'UTC')) AS hour,
        0,
        [(toString(stage), '', toString(outcome), toString(reason), if(stored_at < now64(3) - INTERVAL 1 HOUR, never, toStartOfMinute(toDateTime(stored_at, 'UTC'))) AS at, sum(ledger.count))],
        never,
        never,
        max(stored_at)
    FROM ledger FINAL
    WHERE has(open.1, hour)
    GROUP BY hour, stage, outcome, reason, at
    UNION ALL
    SELECT
        toStartOfHour(captured_at) AS hour,
        0,
        arrayConcat(
            [('record', '', 'stored', toString(source), never, count())],
            if(is_observed, [], [('', '', 'unobserved', '', minute, countIf(NOT is_held))])),
        if(is_observed, max(stored), never),
        never,
        max(stored_at)
    FROM
    (
        SELECT
            captured_at,
            source,
            stored_at,
            toStartOfMinute(toDateTime(stored_at, 'UTC')) AS stored,
            exchange_id IN (SELECT exchange_id FROM observations WHERE has(open.1, toStartOfHour(captured_at))) AS is_observed,
            exchange_id IN (SELECT arrayJoin((SELECT (held, letters) FROM ledger_held).1)) AS is_held
        FROM exchanges FINAL
        WHERE has(open.1, toStartOfHour(captured_at))
    )
    GROUP BY hour, source, is_observed, if(is_observed, never, stored) AS minute
    UNION ALL
    SELECT
        toStartOfHour(captured_at) AS hour,
        0,
        arrayConcat(
            [('replay', toString(arm), toString(outcome), toString(reason), never, count())],
            if(is_compared, [], [('', '', 'uncompared', '', minute, countIf(NOT is_held))])),
        never,
        if(is_compared, max(stored), never),
        max(stored_at)
    FROM
    (
        SELECT
            captured_at,
            arm,
            outcome,
            reason,
            stored_at,
            toStartOfMinute(toDateTime(stored_at, 'UTC')) AS stored,
            observation_id IN (SELECT comparison_id FROM comparisons WHERE has(open.1, toStartOfHour(captured_at))) AS is_compared,
            exchange_id IN (SELECT arrayJoin((SELECT (held, letters) FROM ledger_held).1)) AS is_held
        FROM observations FINAL
        WHERE has(open.1, toStartOfHour(captured_at))
    )
    GROUP BY hour, arm, outcome, reason, is_compared, if(is_compared, never, stored) AS minute
    UNION ALL
    SELECT
        toStartOfHour(captured_at) AS hour,
        0,
        [('compare', toString(arm), toString(outcome), toString(reason), never, count())],
        never,
        never,
        max(compared_at)
    FROM comparisons FINAL
    WHERE has(open.1, hour)
    GROUP BY hour, arm, outcome, reason
)
GROUP BY hour;

-- Every hour, once. Where it was counted from rows just now, that holds: what was added up before may be outdated.
CREATE OR REPLACE VIEW ledger_by_hour AS
SELECT hour, lines, observed_at, compared_at
FROM
(
    SELECT hour, lines, observed_at, compared_at, (toDateTime64('2200-01-01', 3, 'UTC'), 0, 0) AS version
    FROM ledger_from_rows(until = '2100-01-01', rows = 1000000000000)
    UNION ALL
    SELECT hour, lines, observed_at, compared_at, (settled_at, arrived, letters) AS version
    FROM ledger_hours
)
ORDER BY hour, version DESC
LIMIT 1 BY hour;

-- One row: the columns of ledger_balance, and the rows of ledger_lines as an array.
CREATE OR REPLACE VIEW ledger_accounts AS
WITH
    toStartOfMinute(now('UTC') - INTERVAL 10 MINUTE) AS settled,
    toStartOfMinute(now('UTC') - INTERVAL 1 DAY) AS overdue,
    (
        SELECT max(toUInt32OrZero(extract(engine_full, 'toIntervalDay\\((\\d+)\\)')))
        FROM system.tables
        WHERE database = currentDatabase() AND name = 'exchanges'
    ) AS retention_days,
    if(retention_days = 0, toDateTime(0, 'UTC'), toStartOfHour(now('UTC') - toIntervalHour(retention_days * 24 - 12))) AS kept_since,
    counted AS
    (
        SELECT
            lines,
            observed_at,
            compared_at,
            hour >= kept_since AS is_kept,
            arraySum(line -> if(line.1 = 'tap' AND line.3 = 'served', line.6, 0), lines) AS served,
            arraySum(line -> if(line.1 = 'tap' AND line.3 = 'published', line.6, 0), lines) AS published,
            arraySum(line -> if(line.1 = 'tap' AND line.3 NOT IN ('served', 'published'), line.6, 0), lines) AS explained,
            arraySum(line -> if(line.1 = 'tap' AND line.3 = 'served' AND line.5 >= settled, line.6, 0), lines) AS served_recent,
            arraySum(line -> if(line.1 = 'tap' AND line.3 = 'published' AND line.5 >= settled, line.6, 0), lines) AS published_recent,
            arraySum(line -> if(line.1 = 'record' AND line.3 IN ('stored', 'erased') AND line.4 = 'tap', line.6, 0), lines) AS arrived,
            arraySum(line -> if(line.1 = 'record' AND line.3 = 'stored', line.6, 0), lines) AS stored
        FROM ledger_by_hour
    ),
    hours AS
    (
        SELECT
            *,
            greatest(0, toInt64(published) - toInt64(arrived)) AS unstored,
            -- A tap that was killed may have stored what it did not come to count as published.
            greatest(0, toInt64(served) - toInt64(explained) - toInt64(greatest(published, arrived))) AS unexplained
        FROM counted
    ),
    totals AS
    (
        SELECT
            sumIf(served, is_kept) AS exchanges_served,
            sumIf(published, is_kept) AS exchanges_published,
            sum(stored) AS exchanges_stored,
            sumIf(unexplained, is_kept) AS unexplained_all,
            sumIf(least(unexplained, toInt64(served_recent)), is_kept) AS unexplained_pending,
            sumIf(unstored, is_kept) AS unstored_all,
            sumIf(least(unstored, toInt64(published_recent)), is_kept) AS unstored_pending,
            max(observed_at) AS last_observed_at,
            max(compared_at) AS last_compared_at,
            groupArrayArray(arrayFilter(line -> line.1 = '' AND line.5 >= kept_since, lines)) AS unfinished,
            sumMap(
                arrayMap(line -> (line.1, line.2, line.3, if(line.3 = 'stored', '', line.4)), lines),
                arrayMap(line -> line.6, lines)) AS ended
        FROM hours
    ),
    letters AS
    (
        SELECT
            countIf(resent_at IS NULL AND consumer_group = 'record' AND topic = 'exchanges') AS exchanges_dead,
            sumMap([(toString(consumer_group), '', if(resent_at IS NULL, 'dead_lettered', 'resent'), toString(error_code))], [toUInt64(1)]) AS ended_dead
        FROM dead_letters_unique
    ),
    stages AS
    (
        SELECT
            exchanges_served,
            exchanges_published,
            exchanges_stored,
            -- Given up by `record` itself: published, and not in the table.
            exchanges_dead,
            unexplained_all - unexplained_pending AS unexplained_missing,
            unexplained_pending,
            greatest(0, unstored_all - unstored_pending - toInt64(exchanges_dead)) AS unstored_missing,
            unstored_pending,
            arraySum(line -> if(line.3 = 'unobserved', line.6, 0), unfinished) AS unobserved,
            arraySum(line -> if(line.3 = 'uncompared', line.6, 0), unfinished) AS uncompared,
            least(settled, greatest(overdue + INTERVAL 10 MINUTE, last_observed_at) - INTERVAL 10 MINUTE) AS replay_settled,
            least(settled, greatest(overdue + INTERVAL 10 MINUTE, last_compared_at) - INTERVAL 10 MINUTE) AS compare_settled,
            arraySum(line -> if(line.3 = 'unobserved' AND line.5 < replay_settled, line.6, 0), unfinished) AS unobserved_missing,
            arraySum(line -> if(line.3 = 'uncompared' AND line.5 < compare_settled, line.6, 0), unfinished) AS uncompared_missing,
            arrayConcat(arrayFilter(line -> line.1.1 != '', arrayZip(ended.1, ended.2)), arrayZip(ended_dead.1, ended_dead.2)) AS lines
        FROM totals, letters
    )
SELECT
    exchanges_served,
    exchanges_published,
    exchanges_stored,
    exchanges_dead,
    unexplained_missing,
    unexplained_pending,
    unstored_missing,
    unstored_pending,
    unobserved_missing,
    unobserved - unobserved_missing AS unobserved_pending,
    uncompared_missing,
    uncompared - uncompared_missing AS uncompared_pending,
    unexplained_missing + unstored_missing + unobserved_missing + uncompared_missing AS missing,
    unexplained_pending + unstored_pending + unobserved_pending + uncompared_pending AS pending,
    lines
FROM stages;
