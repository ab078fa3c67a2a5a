import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
// Node does not see all of its members as named exports of a CommonJS module.
import kafkajs, {
  type Admin,
  CompressionTypes,
  Kafka,
  type KafkaConfig,
  type logCreator,
  logLevel,
  Partitioners,
  type Producer,
  type SASLOptions,
} from 'kafkajs'
import { type z } from 'zod'
import { type KafkaLog } from '../config/schema.ts'
import { isRetryable } from '../errors.ts'
import { type Logger } from '../logger.ts'
import { backoffMs } from './backoff.ts'
import { withDeadline } from './deadline.ts'
import { type ConsumerContext, startConsumer } from './kafka/consumer.ts'
import { explainKafka } from './kafka/failures.ts'
import { createPublisher } from './kafka/publisher.ts'
import { maxBatchBytes, recordBytes } from './record-size.ts'
import {
  type ConsumeOptions,
  type Consumer,
  type LogRecord,
  stateTopics,
  type Topic,
  type TopicLog,
  topics,
} from './topic-log.ts'

export type KafkaSettings = z.infer<typeof KafkaLog>['kafka']
export type KafkaLogOptions = {
  logger: Logger
  clientId: string
  /** After so long a publish gives up, with LOG_UNAVAILABLE: its records may be in the topic nevertheless. */
  publishTimeoutMs?: number
  /** A consumer that is silent for so long loses its partitions. */
  sessionTimeoutMs?: number
}

const requestTimeoutMs = 10_000
/** Below it gzip costs more processor time, to begin with, than it saves room. */
const worthPackingBytes = 1024
/** Where a consumer gathers: no more is waited for when so much is there, as packed, and so many partitions are handed over at once. */
const [gatheredBytes, gatheredPartitions] = [1024 * 1024, 1024]

/** Only whole segments are compacted, and whoever starts reads what is not: small ones, so that this is little. */
const compacted = [
  { name: 'cleanup.policy', value: 'compact' },
  { name: 'segment.bytes', value: String(2 * maxBatchBytes) },
]

/** The log in Kafka topics named `<prefix>.<topic>`. Contacts no broker before the first operation. */
export function openKafkaLog(
  settings: KafkaSettings,
  { logger, clientId, publishTimeoutMs = 15_000, sessionTimeoutMs = 30_000 }: KafkaLogOptions,
): TopicLog {
  const kafka = new Kafka(clientConfig(settings, clientId, logger, Math.min(requestTimeoutMs, publishTimeoutMs)))
  const nameOf = (topic: Topic) => `${settings.prefix}.${topic}`
  const explain = (err: unknown, topicNames: string) => explainKafka(err, topicNames, settings.brokers)
  const sender = createSender(kafka)
  const admin = createAdmin(kafka, settings.brokers)
  const { prefix, brokers } = settings
  const publisher = createPublisher({ prefix, brokers, publishTimeoutMs, send: sender.send })
  const publishDeadLetter = (record: LogRecord) => publisher.publish('dead-letters', [record])
  const heartbeatMs = Math.floor(sessionTimeoutMs / 6)
  const join = memberOf(kafka, sessionTimeoutMs, heartbeatMs)
  const consumers = new Set<Consumer>()
  let closed: Promise<void> | undefined

  async function prepare(): Promise<void> {
    await admin.use(60_000, async (client) => {
      const existing = new Set(await client.listTopics())
      const missing = [...topics, ...stateTopics].filter((topic) => !existing.has(nameOf(topic)))
      if (missing.length > 0) await client.createTopics({ topics: missing.map(topicToCreate) })
      for (const topic of missing) await untilLed(client, topic)
      await tellNarrow(
        client,
        topics.filter((topic) => !missing.includes(topic)),
      )
    })
  }

  /** Topics that somebody else made. Too few partitions lose nothing, but as many workers as there are partitions can share a topic. */
  async function tellNarrow(client: Admin, made: Topic[]): Promise<void> {
    if (made.length === 0) return
    const { topics: known } = await client.fetchTopicMetadata({ topics: made.map(nameOf) })
    for (const { name, partitions } of known) {
      if (partitions.length >= settings.partitions) continue
      const fields = { topic: name, partitions: partitions.length, wanted: settings.partitions }
      const cure = `kafka-topics --alter --topic ${name} --partitions ${settings.partitions}`
      logger.warn(fields, `a topic has fewer partitions than log.kafka.partitions says: run ${cure}, or lower that`)
    }
  }

  /** A new topic is known before its partitions have leaders that serve: until then a publish would be partly repeated. */
  async function untilLed(client: Admin, topic: Topic): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        return void (await client.fetchTopicOffsets(nameOf(topic)))
      } catch (err) {
        if (failures === 10 || !isRetryable(explain(err, nameOf(topic)))) throw err
        await sleep(backoffMs(failures))
      }
    }
  }

  const isState = (topic: Topic) => stateTopics.some((known) => known === topic)

  const topicToCreate = (topic: Topic) => ({
    topic: nameOf(topic),
    numPartitions: isState(topic) ? 1 : settings.partitions,
    replicationFactor: settings.replicationFactor,
    configEntries: [{ name: 'max.message.bytes', value: String(maxBatchBytes) }, ...(isState(topic) ? compacted : [])],
  })

  async function lag(group: string, topic: Topic): Promise<number> {
    return admin.use(30_000, async (client) => {
      const ends = await client.fetchTopicOffsets(nameOf(topic))
      const groupId = `${settings.prefix}.${group}`
      const [committed] = await client.fetchOffsets({ groupId, topics: [nameOf(topic)] })
      return ends.reduce((sum, { partition, low, high }) => {
        const offset = Number(committed?.partitions.find((entry) => entry.partition === partition)?.offset ?? -1)
        return sum + Number(high) - Math.max(offset, Number(low))
      }, 0)
    })
  }

  async function consume(options: ConsumeOptions): Promise<Consumer> {
    const policy = { ...options, logger: logger.child({ group: options.group }), publishDeadLetter }
    const consumer = await startConsumer(options, { prefix, policy, heartbeatMs, join, explain })
    consumers.add(consumer)
    return consumer
  }

  async function close(): Promise<void> {
    await Promise.all([...consumers].map((consumer) => consumer.stop()))
    await publisher.close()
    await Promise.all([sender.close(), admin.close()])
  }

  return {
    publish: publisher.publish,
    consume,
    prepare,
    ping: (timeoutMs) => admin.use(timeoutMs, (client) => client.describeCluster()).then(() => undefined),
    lag,
    close: () => (closed ??= close()),
  }
}

/** `maxMs`: when a record is gone at the latest after it was written; null: never, or not by its age. */
export type TopicRetention = { topic: string; maxMs: number | null; isCompacted: boolean }

/** How long the broker keeps what is in our topics. A record can only expire there: it cannot be taken out. */
export async function topicRetention(settings: KafkaSettings, logger: Logger): Promise<TopicRetention[]> {
  const admin = createAdmin(
    new Kafka(clientConfig(settings, 'understudy-erase', logger, requestTimeoutMs)),
    settings.brokers,
  )
  try {
    return await admin.use(30_000, async (client) => {
      const names = new Set([...topics, ...stateTopics].map((topic) => `${settings.prefix}.${topic}`))
      const known = (await client.listTopics()).filter((name) => names.has(name)).toSorted()
      const resources = known.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name }))
      if (resources.length === 0) return []
      const described = await client.describeConfigs({ resources, includeSynonyms: false })
      return described.resources.map(({ resourceName, configEntries }) => {
        const valueOf = (name: string) => configEntries.find(({ configName }) => configName === name)?.configValue ?? ''
        const [keepMs, rollMs] = [Number(valueOf('retention.ms')), Number(valueOf('segment.ms'))]
        const expires = valueOf('cleanup.policy').includes('delete') && keepMs >= 0
        // Age is counted from the newest record of a file, and only files that are no longer written go.
        const maxMs = expires ? keepMs + rollMs : null
        return { topic: resourceName, maxMs, isCompacted: valueOf('cleanup.policy') === 'compact' }
      })
    })
  } finally {
    await admin.close()
  }
}

function clientConfig(
  { brokers, ssl, sasl }: KafkaSettings,
  clientId: string,
  logger: Logger,
  requestTimeout: number,
): KafkaConfig {
  return {
    brokers,
    clientId,
    ssl,
    ...(sasl ? { sasl: sasl as SASLOptions } : {}),
    connectionTimeout: 3_000,
    requestTimeout,
    retry: { retries: 2, initialRetryTime: 200 },
    logLevel: logLevel.INFO,
    logCreator: toPino(logger.child({ client: 'kafkajs' })),
  }
}

/**
 * For whoever debugs: every trouble that matters is told once by the code that waits for it, where kafkajs repeats it
 * several times a second. Fields by allow-list: some of kafkajs's hold member metadata or whole errors.
 */
function toPino(logger: Logger): logCreator {
  return () =>
    ({ namespace, log }) => {
      const { message, broker, groupId, retryCount, error } = log
      logger.debug({ namespace, broker, groupId, retryCount, ...(typeof error === 'string' ? { error } : {}) }, message)
    }
}

/**
 * Not `idempotent`: kafkajs gives the sequence number of a send that timed out to the next one. If the broker had
 * kept the first after all, it takes the next for a repetition, confirms it and drops it. Nor may kafkajs retry by itself:
 * when a leader has moved meanwhile, it can skip what has not been sent. A repeated record is collapsed downstream.
 */
function createSender(kafka: Kafka) {
  const producer: Producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    maxInFlightRequests: 5,
    retry: { retries: 0 },
  })
  let connected: Promise<void> | undefined

  async function connect(): Promise<void> {
    try {
      await (connected ??= producer.connect())
    } catch (err) {
      connected = undefined
      throw err
    }
  }

  async function send(topic: string, records: LogRecord[]): Promise<void> {
    await connect()
    const messages = records.map(({ key, value, headers = {} }) => ({ key, value: asBuffer(value), headers }))
    const compression = isWorthPacking(records) ? CompressionTypes.GZIP : CompressionTypes.None
    await producer.send({ topic, messages, acks: -1, timeout: requestTimeoutMs, compression })
  }

  return { send, close: () => producer.disconnect() }
}

function isWorthPacking(records: readonly LogRecord[]): boolean {
  let leftBytes = worthPackingBytes
  return records.some((record) => (leftBytes -= recordBytes(record)) <= 0)
}

/** One administrative connection, made when it is first needed and made anew after a failure. */
function createAdmin(kafka: Kafka, brokers: readonly string[]) {
  let current: Promise<Admin> | undefined

  async function connect(): Promise<Admin> {
    const client = kafka.admin({ retry: { retries: 2, initialRetryTime: 100 } })
    try {
      await client.connect()
      return client
    } catch (err) {
      drop(client)
      throw err
    }
  }

  async function use<T>(timeoutMs: number, work: (client: Admin) => Promise<T>): Promise<T> {
    const client = (current ??= connect())
    const late = `Kafka at ${brokers.join(', ')} gave no answer in ${timeoutMs} ms: check that it runs and can be reached.`
    try {
      return await withDeadline(client.then(work), timeoutMs, late)
    } catch (err) {
      if (current === client) current = undefined
      client.then(drop, () => {})
      throw explainKafka(err, 'the cluster', brokers)
    }
  }

  const close = async () => (await current?.catch(() => undefined))?.disconnect()
  return { use, close }
}

const drop = (client: Admin) => void client.disconnect().catch(() => {})

function memberOf(kafka: Kafka, sessionTimeoutMs: number, heartbeatMs: number): ConsumerContext['join'] {
  return async (groupId, topicNames, gatherMs, { eachBatch, onAlive, onCrash }) => {
    const consumer = kafka.consumer({
      groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: Math.max(60_000, sessionTimeoutMs),
      // Also how long a stop waits for a fetch that finds nothing.
      maxWaitTimeInMs: gatherMs ?? 500,
      minBytes: gatherMs === undefined ? 1 : gatheredBytes,
      retry: { retries: 5, initialRetryTime: 300, maxRetryTime: 5_000 },
    })
    consumer.on(consumer.events.FETCH, onAlive)
    consumer.on(consumer.events.HEARTBEAT, onAlive)
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) onCrash(payload.error)
    })
    const leave = () => consumer.disconnect().catch(() => {})
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: topicNames, fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: gatherMs === undefined ? 1 : gatheredPartitions,
        eachBatch,
      })
      return { leave }
    } catch (err) {
      await leave()
      throw err
    }
  }
}

function asBuffer(value: Uint8Array | string): Buffer | string {
  return typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

/**
 * kafkajs keeps a timer for requests held back by throttling, and sets it again for ever with a time in the past: a loop of
 * 1 ms and, since Node 24, a warning (tulios/kafkajs#1751). With nothing held back there is nothing to come back for.
 */
function stopIdleLoop(): void {
  type Queue = { pending: unknown[]; throttledUntil: number; scheduleCheckPendingRequests?: (this: Queue) => void }
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: Queue }
  const schedule = prototype.scheduleCheckPendingRequests
  if (!schedule) return
  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this)
  }
}

stopIdleLoop()
