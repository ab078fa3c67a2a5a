-- 0012: who did what to the traffic that is kept. Why: exports, erasures, pauses and what was sent again must be told apart from
-- each other and from nobody's doing. Needs nothing. Safe to run twice. Rows are only ever added, and have no time to live.
-- Undo: DROP TABLE audit_log; who did what is then forgotten.
CREATE TABLE IF NOT EXISTS audit_log
(
    -- A record that is delivered twice has the same one.
    entry_id UUID,
    at DateTime64(3, 'UTC'),
    -- os:NAME of the person at the command line; header:NAME or api over HTTP.
    actor String,
    -- exported, reviewed, erased, paused, resumed, resent, reencrypted, backed_up, restored.
    action LowCardinality(String),
    -- What it was done to: an arm, a letter, a kind of subject. Never a text of users.
    subject String,
    -- JSON.
    details String CODEC(ZSTD(3))
)
ENGINE = MergeTree
ORDER BY (at, entry_id)
SETTINGS non_replicated_deduplication_window = 1000;
