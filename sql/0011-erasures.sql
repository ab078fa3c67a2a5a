-- 0011: the tenant of an exchange, and what was erased. Why: a person's or a tenant's exchanges are erased on request, and a
-- record of them that comes later (from a topic, an import, a dead letter) must not bring them back.
-- Needs 0001. Safe to run twice. Rows from before have no tenant. Undo: DROP TABLE erasures; ALTER TABLE exchanges DROP COLUMN
-- tenant_id; what was erased may then come back.
ALTER TABLE exchanges
    -- Salted hash of the header that names the tenant; empty for none.
    ADD COLUMN IF NOT EXISTS tenant_id String AFTER conversation_id;

CREATE TABLE IF NOT EXISTS erasures
(
    -- Of kind and id: the list itself names nobody.
    subject_hash String,
    -- exchange, conversation or tenant.
    kind LowCardinality(String),
    -- Exchanges captured up to then are erased; what the same people say later is not.
    captured_until DateTime64(3, 'UTC'),
    erased_at DateTime64(3, 'UTC'),
    -- Later than anything that was erased can still come.
    expires_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(erased_at)
ORDER BY (subject_hash, kind)
TTL toDateTime(expires_at)
SETTINGS non_replicated_deduplication_window = 1000;
