-- 0016: how the columns of a comparison are packed. Why: it is kept for a year, and by default it took 129 bytes without its texts, of which
-- half were three ids. Needs 0007. Safe to run twice. Only what is written or merged from now on is packed so; nothing is read differently.
-- Undo: ALTER TABLE comparisons MODIFY COLUMN name REMOVE CODEC for each. The figures are bytes a row, by default and packed so, of
-- 200,000 rows of five candidates (`npm run bench -- record` shows them as they are now). Tried and no better: Gorilla, DoubleDelta,
-- ZSTD(3) for numbers. ALP would halve the costs, and ClickHouse still calls it experimental. comparison_id is as good as random: 16.
ALTER TABLE comparisons
    -- Hexadecimal digits, of which each is half a byte: 32.1, 16.3.
    MODIFY COLUMN conversation_id CODEC(ZSTD(1)),
    -- Begins with its time, as its neighbours do: 16.1, 13.1.
    MODIFY COLUMN exchange_id CODEC(ZSTD(3)),
    -- In the order of the key: 5.0, 0.0.
    MODIFY COLUMN captured_at CODEC(Delta, ZSTD(1)),
    -- Some seconds after it: 5.0, 1.7 and 4.9, 2.1.
    MODIFY COLUMN asked_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN compared_at CODEC(ZSTD(1)),
    -- Small whole numbers: 2.8, 1.1.
    MODIFY COLUMN output_tokens CODEC(T64, ZSTD(1)),
    MODIFY COLUMN control_output_tokens CODEC(T64, ZSTD(1)),
    MODIFY COLUMN served_output_tokens CODEC(T64, ZSTD(1)),
    -- Decimal fractions: 8.0, 7.5 for costs; 4.1, 2.9 for times; 3.7, 2.6 and 1.5, 0.8 for divergence and quality.
    MODIFY COLUMN cost_usd CODEC(ZSTD(1)),
    MODIFY COLUMN control_cost_usd CODEC(ZSTD(1)),
    MODIFY COLUMN served_cost_usd CODEC(ZSTD(1)),
    MODIFY COLUMN ttft_ms CODEC(ZSTD(1)),
    MODIFY COLUMN control_ttft_ms CODEC(ZSTD(1)),
    MODIFY COLUMN served_ttft_ms CODEC(ZSTD(1)),
    MODIFY COLUMN total_ms CODEC(ZSTD(1)),
    MODIFY COLUMN control_total_ms CODEC(ZSTD(1)),
    MODIFY COLUMN served_total_ms CODEC(ZSTD(1)),
    MODIFY COLUMN divergence CODEC(ZSTD(1)),
    MODIFY COLUMN control_divergence CODEC(ZSTD(1)),
    MODIFY COLUMN quality CODEC(ZSTD(1)),
    MODIFY COLUMN control_quality CODEC(ZSTD(1));
