import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs'
import { startCluster } from '../../infra/kafka/cluster.ts'
import { openKafkaLog } from '../../shared/log/kafka.ts'
import { silentLogger } from '../../shared/logger.ts'
import { quantile } from '../../shared/statistics/quantile.ts'
import { anExchange } from '../services/replay/builders.ts'
import { installFromNpm } from './tap/install.ts'

const platformatic = '2.12.1'
const confluent = '1.10.1'
const partitions = 4
/** Publishes of ours under way at once, and what somebody who batches by hand would put into one send. */
const atOnce = 500
const byHand = 500

type Item = { key: string; value: string }
type Subject = { name: string; publish: (items: readonly Item[]) => Promise<void>; close: () => Promise<void> }
type Seen = { perSecond: number; cpuUs: number }

/**
 * Our producer, given one record at a time, beside kafkajs sending each by itself and kafkajs with batches made by hand: into a real
 * broker, each record acknowledged by it. Rounds take turns. Ratios are of medians: of records a second, and of this process's CPU.
 */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '5' },
      records: { type: 'string', default: '5000' },
      out: { type: 'string', default: 'data/bench' },
    },
  })
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'))
  const cluster = await startCluster({ folder })
  const broker = cluster.brokers[0]!.address
  const items = someItems(Number(values.records))
  const subjects = [
    await ours(broker),
    ...(await withKafkajs(broker)),
    ...(await withPlatformatic(broker)),
    ...(await withConfluent(broker)),
  ]
  try {
    const seen = new Map<string, Seen[]>(subjects.map(({ name }) => [name, []]))
    // One round to warm up, not counted.
    for (let round = -1; round < Number(values.rounds); round++) {
      for (const { name, publish } of round % 2 === 0 ? subjects : subjects.toReversed()) {
        const one = await measured(() => publish(items), items.length)
        if (round >= 0) seen.get(name)!.push(one)
      }
    }
    report(seen, values)
  } finally {
    for (const subject of subjects) await subject.close()
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** About a kilobyte each, no two alike. */
function someItems(count: number): Item[] {
  return Array.from({ length: count }, (_, nth) => {
    const exchange = anExchange(undefined, { conversationId: `conversation-${nth}` })
    return { key: exchange.conversationId, value: JSON.stringify(exchange) }
  })
}

async function measured(work: () => Promise<void>, records: number): Promise<Seen> {
  const [before, startedAtMs] = [process.cpuUsage(), performance.now()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return { perSecond: (1000 * records) / (performance.now() - startedAtMs), cpuUs: (user + system) / records }
}

async function oneByOne(
  items: readonly Item[],
  send: (item: Item) => Promise<unknown>,
  workers: number,
): Promise<void> {
  const waiting = items.values()
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (const item of waiting) await send(item)
    }),
  )
}

function inBatches(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / byHand) }, (_, at) =>
    items.slice(at * byHand, (at + 1) * byHand),
  )
}

async function ours(broker: string): Promise<Subject> {
  const settings = { brokers: [broker], prefix: 'bench', partitions, replicationFactor: 1, ssl: false }
  const log = openKafkaLog(settings, { logger: silentLogger, clientId: 'ours' })
  await log.prepare()
  return {
    name: 'ours, record by record',
    publish: (items) => oneByOne(items, (item) => log.publish('exchanges', [item]), atOnce),
    close: () => log.close(),
  }
}

async function withKafkajs(broker: string): Promise<Subject[]> {
  const kafka = new Kafka({ brokers: [broker], clientId: 'kafkajs', logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  const send = (messages: Item[]) =>
    producer.send({ topic: 'bench.exchanges', messages, acks: -1, compression: CompressionTypes.GZIP })
  return [
    {
      name: 'kafkajs, awaited single sends',
      publish: (items) => oneByOne(items, (item) => send([item]), 1),
      close: () => producer.disconnect(),
    },
    {
      name: 'kafkajs, batched by hand',
      publish: async (items) => {
        for (const batch of inBatches(items)) await send(batch)
      },
      close: () => Promise.resolve(),
    },
  ]
}

/** Nothing of the project depends on it: it is fetched for the bench, and left out where it cannot be. */
async function withPlatformatic(broker: string): Promise<Subject[]> {
  try {
    const modules = await installFromNpm('platformatic-kafka', { '@platformatic/kafka': platformatic })
    const entry = pathToFileURL(join(modules, '@platformatic/kafka/dist/index.js')).href
    type Client = { send(options: object): Promise<unknown>; close(): Promise<void> }
    const { Producer, stringSerializers } = (await import(entry)) as {
      Producer: new (options: object) => Client
      stringSerializers: object
    }
    const options = { clientId: 'platformatic', bootstrapBrokers: [broker], serializers: stringSerializers }
    const producer = new Producer(options)
    const send = (items: Item[]) =>
      producer.send({
        messages: items.map((item) => ({ topic: 'bench.exchanges', ...item })),
        acks: -1,
        compression: 'gzip',
      })
    return [
      {
        name: `@platformatic/kafka ${platformatic}, batched by hand`,
        publish: async (items) => {
          for (const batch of inBatches(items)) await send(batch)
        },
        close: () => producer.close(),
      },
    ]
  } catch (err) {
    console.log(`@platformatic/kafka is left out: ${err instanceof Error ? err.message : String(err)}\n`)
    return []
  }
}

/** Its native part is fetched or built as it is installed. */
async function withConfluent(broker: string): Promise<Subject[]> {
  try {
    const wanted = { '@confluentinc/kafka-javascript': confluent }
    const modules = await installFromNpm('confluent-kafka', wanted, 900_000, true)
    const { KafkaJS } = createRequire(join(modules, 'x.js'))('@confluentinc/kafka-javascript') as {
      KafkaJS: { Kafka: new (options: object) => { producer(options: object): ConfluentProducer } }
    }
    type ConfluentProducer = {
      connect(): Promise<void>
      send(options: { topic: string; messages: Item[] }): Promise<unknown>
      disconnect(): Promise<void>
    }
    const producer = new KafkaJS.Kafka({ kafkaJS: { brokers: [broker], clientId: 'confluent', logLevel: 0 } }).producer(
      {
        kafkaJS: { acks: -1, compression: 'gzip' },
      },
    )
    await producer.connect()
    // It writes into the messages it is given.
    const send = (items: Item[]) =>
      producer.send({ topic: 'bench.exchanges', messages: items.map((item) => ({ ...item })) })
    return [
      {
        name: `@confluentinc/kafka-javascript ${confluent}, record by record`,
        publish: (items) => oneByOne(items, (item) => send([item]), atOnce),
        close: () => Promise.resolve(),
      },
      {
        name: `@confluentinc/kafka-javascript ${confluent}, batched by hand`,
        publish: async (items) => {
          for (const batch of inBatches(items)) await send(batch)
        },
        close: () => producer.disconnect(),
      },
    ]
  } catch (err) {
    console.log(`@confluentinc/kafka-javascript is left out: ${err instanceof Error ? err.message : String(err)}\n`)
    return []
  }
}

function report(
  seen: ReadonlyMap<string, Seen[]>,
  { rounds, records, out }: Record<'rounds' | 'records' | 'out', string>,
) {
  const median = (name: string, of: (one: Seen) => number) => quantile(seen.get(name)!.map(of), 0.5)!
  const speed = (name: string) => median(name, ({ perSecond }) => perSecond)
  const our = 'ours, record by record'
  const ratio = (peer: string, goal: number): string => {
    const found = speed(our) / speed(peer)
    return `| ours / ${peer} | ${found.toFixed(2)} × | ≥ ${goal} × | ${found >= goal ? 'kept' : 'missed'} |`
  }
  const table = [
    `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}; ${rounds} rounds of ${records} records, ${atOnce} of ours at once, ${byHand} in a batch by hand; load at the end ${loadavg()[0]!.toFixed(1)}`,
    '',
    '| | records a second | CPU µs a record |',
    '|---|--:|--:|',
    ...[...seen.keys()].map(
      (name) => `| ${name} | ${speed(name).toFixed(0)} | ${median(name, ({ cpuUs }) => cpuUs).toFixed(0)} |`,
    ),
    '',
    '| records a second | seen | goal | |',
    '|---|--:|--:|---|',
    ratio('kafkajs, awaited single sends', 5),
    ratio('kafkajs, batched by hand', 0.95),
  ].join('\n')
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'producer.md'), `${table}\n`)
  console.log(table)
}
