/** The topics, one per arrow of the pipeline. Names are the plural of what they hold. */
export const topics = ['exchanges', 'observations', 'comparisons', 'dead-letters', 'ledger', 'scores', 'audit'] as const
/** Notes that the workers of a stage keep for one another: the last record of each key counts. One partition. */
export const stateTopics = ['replay-state', 'compare-state'] as const
export type Topic = (typeof topics)[number] | (typeof stateTopics)[number]

/** What is published. Records of one key land in one partition; nothing downstream may depend on their order. */
export type LogRecord = { key: string; value: Uint8Array | string; headers?: Record<string, string> }

/** What is delivered: at least once, possibly again after a crash or a rebalance. */
export type Delivery = {
  topic: Topic
  partition: number
  offset: string
  key: string
  value: Buffer
  headers: Record<string, string>
  publishedAtMs: number
}

export type ConsumeOptions = {
  topics: readonly Topic[]
  /** Consumers of one group share the partitions; each group sees every record. The stage's name. */
  group: string
  /** At most this many records are handed to `handle` at once. */
  maxBatch: number
  /**
   * So long is waited for more to come; then a batch of each partition is handed over at once, and the next ones when all of them are
   * done. For a handler that costs by the call more than by the record, or that waits for others. Left out: one batch after the other.
   */
  gatherMs?: number
  /**
   * Offsets are committed only after this resolves. A retryable error (see errors.ts) hands the same batch over again,
   * with back-off, until it succeeds or the consumer stops. Any other error hands its records over one by one, and the
   * ones that still fail become dead letters. `signal` aborts when the consumer is stopping or lost the partition.
   */
  handle: (batch: Delivery[], context: { signal: AbortSignal }) => Promise<void>
  /** Called once if the consumer died for good: the process must exit non-zero, never idle. */
  onFatal: (err: Error) => void
}

export type Consumer = {
  /** Lets the batch in hand finish (up to `timeoutMs`), commits, leaves the group. */
  stop(options?: { timeoutMs?: number }): Promise<void>
  /** Time of the last successful poll, for health: a consumer that does not poll is not alive. */
  lastPollAtMs(): number
}

/** Kafka or one SQLite file: the same promises. */
export type TopicLog = {
  /** Resolves when the records are durable. LOG_UNAVAILABLE may be retried; a record too large is refused at once. */
  publish(topic: Topic, records: LogRecord[]): Promise<void>
  consume(options: ConsumeOptions): Promise<Consumer>
  /** Creates what is missing (topics, tables). Safe to call again. */
  prepare(): Promise<void>
  /** Proves that the log answers within `timeoutMs`, else throws LOG_UNAVAILABLE with the cure. */
  ping(timeoutMs: number): Promise<void>
  /** Records not yet committed by the group, over all partitions. */
  lag(group: string, topic: Topic): Promise<number>
  close(): Promise<void>
}
