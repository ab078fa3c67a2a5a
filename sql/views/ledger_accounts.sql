-- What ledger_balance and ledger_lines are put together from: what became of the exchanges of each hour, as record added it up (0024), and
-- from their rows where it has not, or something has come since. Why: the answer is the same, only later. Needs 00-unique-rows and 0024.
-- An exchange, its observations and their comparisons have the same captured_at: nothing of an hour is looked for in another.
-- Safe to run twice. Undo: DROP VIEW of each name below, and of the views that ask them.

-- Which exchanges dead letters hold now, as a hash; never 0.
CREATE OR REPLACE VIEW ledger_letters AS
SELECT 1 + ifNull(sum(sipHash64(exchange_id)), 0) AS letters
FROM dead_letters_unique
WHERE resent_at IS NULL AND exchange_id IS NOT NULL;

-- Hours of which ledger_hours does not hold, with the rows that have come.
CREATE OR REPLACE VIEW ledger_open_hours AS
SELECT hour, sum(came) AS arrived
FROM
(
    SELECT hour, ledger_arrivals.arrived AS came, (toDateTime64(0, 3, 'UTC'), 0, 0) AS settled FROM ledger_arrivals
    UNION ALL
    SELECT hour, comparison_arrivals.arrived, (toDateTime64(0, 3, 'UTC'), 0, 0) FROM comparison_arrivals
    UNION ALL
    SELECT hour, observation_arrivals.arrived, (toDateTime64(0, 3, 'UTC'), 0, 0) FROM observation_arrivals
    UNION ALL
    SELECT hour, 0, (settled_at, ledger_hours.arrived, letters) FROM ledger_hours
)
GROUP BY hour
HAVING max(settled).2 != sum(came) OR max(settled).3 NOT IN (0, (SELECT letters FROM ledger_letters));

-- One row for each of the newest open hours that began before `until`, as many as have `rows` rows in all. Lines:
--   of a stage     how many ended there in that way; `at`: when they were counted last, where that is less than an hour ago
--   observed       when the last exchange was stored that an arm was asked about
--   unobserved     exchanges that no arm was asked about, and that no dead letter holds, by the minute in which they were stored
--   compared, uncompared: the same of observations
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
    if(countIf(part.3 IN ('unobserved', 'uncompared')) = 0, 0, (SELECT letters FROM ledger_letters)) AS letters,
    CAST(groupArrayIf(part, part.3 != ''), 'Array(Tuple(stage String, arm String, outcome String, reason String, at DateTime(''UTC''), count UInt64))') AS lines,
    if(max(stored) = 0, now64(3), max(stored)) AS last_stored_at
FROM
(
    SELECT of.1 AS hour, of.2 AS came, ('', '', '', '', never, 0) AS part, toDateTime64(0, 3, 'UTC') AS stored
    FROM (SELECT arrayJoin(arrayZip(open.1, open.2)) AS of)
    UNION ALL
    SELECT
        toStartOfHour(toDateTime(ledger.hour, 'UTC')) AS hour,
        0,
        (toString(stage), '', toString(outcome), toString(reason), if(stored_at < now64(3) - INTERVAL 1 HOUR, never, toStartOfMinute(toDateTime(stored_at, 'UTC'))) AS at, sum(ledger.count)),
        max(stored_at)
    FROM ledger FINAL
    WHERE has(open.1, hour)
    GROUP BY hour, stage, outcome, reason, at
    UNION ALL
    SELECT toStartOfHour(captured_at) AS hour, 0, ('record', '', 'stored', toString(source), never, count()), max(stored_at)
    FROM exchanges FINAL
    WHERE has(open.1, hour)
    GROUP BY hour, source
    UNION ALL
    SELECT toStartOfHour(captured_at) AS hour, 0, ('replay', toString(arm), toString(outcome), toString(reason), never, count()), max(stored_at)
    FROM observations FINAL
    WHERE has(open.1, hour)
    GROUP BY hour, arm, outcome, reason
    UNION ALL
    SELECT toStartOfHour(captured_at) AS hour, 0, ('compare', toString(arm), toString(outcome), toString(reason), never, count()), max(compared_at)
    FROM comparisons FINAL
    WHERE has(open.1, hour)
    GROUP BY hour, arm, outcome, reason
    UNION ALL
    SELECT
        toStartOfHour(captured_at) AS hour,
        0,
        ('', '', if(is_observed, 'observed', 'unobserved'), '', max(minute), countIf(NOT is_observed AND NOT is_held)),
        toDateTime64(0, 3, 'UTC')
    FROM
    (
        SELECT
            captured_at,
            toStartOfMinute(toDateTime(stored_at, 'UTC')) AS minute,
            exchange_id IN (SELECT exchange_id FROM observations WHERE has(open.1, toStartOfHour(captured_at))) AS is_observed,
            exchange_id IN (SELECT assumeNotNull(exchange_id) FROM dead_letters_unique WHERE resent_at IS NULL AND exchange_id IS NOT NULL) AS is_held
        FROM exchanges FINAL
        WHERE has(open.1, toStartOfHour(captured_at))
    )
    GROUP BY hour, is_observed, if(is_observed, never, minute)
    UNION ALL
    SELECT
        toStartOfHour(captured_at) AS hour,
        0,
        ('', '', if(is_compared, 'compared', 'uncompared'), '', max(minute), countIf(NOT is_compared AND NOT is_held)),
        toDateTime64(0, 3, 'UTC')
    FROM
    (
        SELECT
            captured_at,
            toStartOfMinute(toDateTime(stored_at, 'UTC')) AS minute,
            observation_id IN (SELECT comparison_id FROM comparisons WHERE has(open.1, toStartOfHour(captured_at))) AS is_compared,
            exchange_id IN (SELECT assumeNotNull(exchange_id) FROM dead_letters_unique WHERE resent_at IS NULL AND exchange_id IS NOT NULL) AS is_held
        FROM observations FINAL
        WHERE has(open.1, toStartOfHour(captured_at))
    )
    GROUP BY hour, is_compared, if(is_compared, never, minute)
)
GROUP BY hour;

-- The lines of every hour. Where it was counted from rows just now, that holds: what was added up before may be outdated.
CREATE OR REPLACE VIEW ledger_accounts AS
SELECT hour, line.stage AS stage, line.arm AS arm, line.outcome AS outcome, line.reason AS reason, line.at AS at, line.count AS count
FROM
(
    SELECT hour, argMax(lines, version) AS lines
    FROM
    (
        SELECT hour, lines, (toDateTime64('2200-01-01', 3, 'UTC'), 0, 0) AS version
        FROM ledger_from_rows(until = '2100-01-01', rows = 1000000000000)
        UNION ALL
        SELECT hour, lines, (settled_at, arrived, letters) AS version
        FROM ledger_hours
    )
    GROUP BY hour
)
ARRAY JOIN lines AS line;
