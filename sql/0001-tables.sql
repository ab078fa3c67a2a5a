-- 0001: the tables. Why: one row per exchange, per arm's observation and per comparison; text apart from numbers.
-- Needs nothing. Safe to run twice. Undo: DROP TABLE of each name below; everything recorded is lost.
-- Delivered twice is counted once: a block sent again is dropped by its token (non_replicated_deduplication_window), and
-- a row sent again replaces itself when parts merge; until then the *_unique views collapse it. Read those, not the tables.
-- Ids are UUIDs, and ClickHouse does not sort UUIDv7 by time: keys start with the time.

CREATE TABLE IF NOT EXISTS exchanges
(
    exchange_id UUID,
    captured_at DateTime64(3, 'UTC'),
    source LowCardinality(String),
    upstream LowCardinality(String),
    route LowCardinality(String),
    -- Declared task; empty where it is guessed from the request.
    task LowCardinality(String),
    conversation_id String,
    sample_probability Float64,
    capture_mode LowCardinality(String),
    dialect LowCardinality(String),
    method LowCardinality(String),
    path String,
    request_model LowCardinality(String),
    streamed Bool,
    request_bytes UInt64,
    -- How the served answer ended on the wire: complete, client_aborted, upstream_aborted, unreachable.
    wire_end LowCardinality(String),
    status Nullable(UInt16),
    answer_bytes UInt64,
    chunks UInt32,
    ttft_ms Nullable(Float64),
    total_ms Nullable(Float64),
    -- Empty where the served bytes were not understood as an answer.
    served_model LowCardinality(String),
    answer_outcome LowCardinality(String),
    finish LowCardinality(String),
    input_tokens Nullable(UInt64),
    cached_input_tokens Nullable(UInt64),
    output_tokens Nullable(UInt64),
    reasoning_tokens Nullable(UInt64),
    anomalies Array(LowCardinality(String)),
    error_type LowCardinality(String),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(stored_at)
ORDER BY (captured_at, exchange_id)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS exchange_bodies
(
    exchange_id UUID,
    captured_at DateTime64(3, 'UTC'),
    request_headers Map(LowCardinality(String), String),
    -- Text as it was sent, or base64 where the encoding says so; null where it was not kept.
    request_body Nullable(String) CODEC(ZSTD(3)),
    request_encoding LowCardinality(String),
    request_sha256 String,
    request_truncated Bool,
    answer_headers Map(LowCardinality(String), String),
    answer_body Nullable(String) CODEC(ZSTD(3)),
    answer_encoding LowCardinality(String),
    answer_sha256 String,
    answer_truncated Bool,
    -- The answer in canonical form, as JSON; empty where the bytes were not understood.
    answer String CODEC(ZSTD(3)),
    chunk_offsets_ms Array(Float64) CODEC(ZSTD(3)),
    chunk_sizes_bytes Array(UInt32) CODEC(ZSTD(3)),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(stored_at)
PARTITION BY toDate(stored_at)
ORDER BY (captured_at, exchange_id)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS observations
(
    observation_id UUID,
    exchange_id UUID,
    arm LowCardinality(String),
    arm_fingerprint LowCardinality(String),
    captured_at DateTime64(3, 'UTC'),
    asked_at DateTime64(3, 'UTC'),
    route LowCardinality(String),
    upstream LowCardinality(String),
    dialect LowCardinality(String),
    provider LowCardinality(String),
    model LowCardinality(String),
    streamed Bool,
    outcome LowCardinality(String),
    -- Kind of failure, or why the arm was not asked; empty for an answer.
    reason LowCardinality(String),
    status Nullable(UInt16),
    answer_model LowCardinality(String),
    answer_outcome LowCardinality(String),
    finish LowCardinality(String),
    chunks UInt32,
    ttft_ms Nullable(Float64),
    total_ms Nullable(Float64),
    attempts UInt32,
    waited_ms Float64,
    input_tokens Nullable(UInt64),
    cached_input_tokens Nullable(UInt64),
    output_tokens Nullable(UInt64),
    reasoning_tokens Nullable(UInt64),
    -- Null is unpriced.
    cost_usd Nullable(Float64),
    anomalies Array(LowCardinality(String)),
    losses Array(LowCardinality(String)),
    material_losses Array(LowCardinality(String)),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(asked_at)
ORDER BY (arm, captured_at, observation_id)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS observation_bodies
(
    observation_id UUID,
    exchange_id UUID,
    arm LowCardinality(String),
    captured_at DateTime64(3, 'UTC'),
    asked_at DateTime64(3, 'UTC'),
    -- The answer in canonical form, as JSON; empty where there was none.
    answer String CODEC(ZSTD(3)),
    -- What the translation could not carry over, as JSON.
    losses String CODEC(ZSTD(3)),
    chunk_offsets_ms Array(Float64) CODEC(ZSTD(3)),
    chunk_sizes_bytes Array(UInt32) CODEC(ZSTD(3)),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(asked_at)
PARTITION BY toDate(stored_at)
ORDER BY (captured_at, observation_id)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1;

-- One wide row per exchange and arm; the control's measures of the same exchange stand beside the candidate's, so that
-- nothing that reports has to join.
CREATE TABLE IF NOT EXISTS comparisons
(
    comparison_id UUID,
    exchange_id UUID,
    arm LowCardinality(String),
    arm_fingerprint LowCardinality(String),
    captured_at DateTime64(3, 'UTC'),
    compared_at DateTime64(3, 'UTC'),
    route LowCardinality(String),
    upstream LowCardinality(String),
    conversation_id String,
    sample_probability Float64,
    task LowCardinality(String),
    streamed Bool,
    served_model LowCardinality(String),
    arm_model LowCardinality(String),
    outcome LowCardinality(String),
    -- Empty for none.
    reason LowCardinality(String),
    decided_by LowCardinality(String),
    served_soundness Float64,
    served_ttft_ms Nullable(Float64),
    served_total_ms Nullable(Float64),
    served_output_tokens Nullable(UInt32),
    served_cost_usd Nullable(Float64),
    error Nullable(Bool),
    quality Nullable(Float64),
    divergence Nullable(Float64),
    soundness Nullable(Float64),
    ttft_ms Nullable(Float64),
    total_ms Nullable(Float64),
    output_tokens Nullable(UInt32),
    cost_usd Nullable(Float64),
    control_error Nullable(Bool),
    control_quality Nullable(Float64),
    control_divergence Nullable(Float64),
    control_soundness Nullable(Float64),
    control_ttft_ms Nullable(Float64),
    control_total_ms Nullable(Float64),
    control_output_tokens Nullable(UInt32),
    control_cost_usd Nullable(Float64),
    control_fingerprint LowCardinality(String),
    scores Map(LowCardinality(String), Float64),
    -- JSON array of {rung, path, message, served, arm}.
    differences String CODEC(ZSTD(3)),
    served_excerpt String CODEC(ZSTD(3)),
    arm_excerpt String CODEC(ZSTD(3)),
    losses Array(String)
)
ENGINE = ReplacingMergeTree(compared_at)
ORDER BY (arm, captured_at, comparison_id)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS dead_letters
(
    dead_letter_id UUID,
    failed_at DateTime64(3, 'UTC'),
    consumer_group LowCardinality(String),
    topic LowCardinality(String),
    partition UInt32,
    offset String,
    key String,
    error_code LowCardinality(String),
    message String,
    attempts UInt32,
    -- The record as it was, so that it can be published again.
    value_base64 String CODEC(ZSTD(3)),
    -- Null while the letter waits.
    resent_at Nullable(DateTime64(3, 'UTC')),
    -- Null where the record could not even be read that far.
    exchange_id Nullable(UUID),
    -- A letter that fails again after it was sent again waits again.
    changed_at DateTime64(3, 'UTC') DEFAULT ifNull(resent_at, failed_at),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY dead_letter_id
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS ledger
(
    entry_id UUID,
    hour DateTime64(3, 'UTC'),
    stage LowCardinality(String),
    upstream LowCardinality(String),
    route LowCardinality(String),
    outcome LowCardinality(String),
    -- Empty for none.
    reason LowCardinality(String),
    count UInt64,
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(stored_at)
ORDER BY (hour, entry_id)
SETTINGS non_replicated_deduplication_window = 1000;
