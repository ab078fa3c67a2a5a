import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { after, before, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import kafkajs, { type AclResourceTypes, type Admin, Kafka, logLevel } from 'kafkajs'
import { pino } from 'pino'
import { silentLogger } from '../../../shared/logger.ts'
import { type KafkaLogOptions, type KafkaSettings, openKafkaLog, topicRetention } from '../../../shared/log/kafka.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { type TopicLog } from '../../../shared/log/topic-log.ts'
import { type KafkaBroker, kafkaSkipReason, startKafkaBroker } from '../../support/kafka-broker.ts'
import { topicLogContract } from './contract.ts'
import { eventually, someRecords, startReader } from './support.ts'

// Node does not see these as named exports of a CommonJS module.
const {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes: resources,
  ConfigResourceTypes,
  ResourcePatternTypes,
} = kafkajs

const skip = await kafkaSkipReason()
const login = { username: 'stage', password: 'stage-password' }
let broker: KafkaBroker
let admin: Admin
let prefixes = 0

before(async () => {
  if (skip) return
  // Sessions shorter than Kafka's usual minimum, so that a handler that outlives one need not run long.
  broker = await startKafkaBroker({ login, properties: { 'group.min.session.timeout.ms': '1000' } })
  admin = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
})

after(async () => {
  await admin?.disconnect()
  await broker?.stop()
})

/** Settings with topics of their own. */
function someSettings(changes: Partial<KafkaSettings> = {}): KafkaSettings {
  const prefix = `test-${++prefixes}`
  return { brokers: broker.brokers, prefix, partitions: 4, replicationFactor: 1, ssl: false, ...changes }
}

/** A log that is closed when its test ends. */
function openLog(context: TestContext, settings: KafkaSettings, options: Partial<KafkaLogOptions> = {}): TopicLog {
  const log = openKafkaLog(settings, { logger: silentLogger, clientId: 'test', ...options })
  context.after(() => log.close())
  return log
}

topicLogContract(
  async (work) => {
    const settings = someSettings()
    const opened: TopicLog[] = []
    const open = async () => {
      const log = await openTopicLog({ kafka: settings }, { logger: silentLogger, clientId: 'test' })
      opened.push(log)
      if (opened.length === 1) await log.prepare()
      return log
    }
    try {
      await work(open)
    } finally {
      await Promise.all(opened.map((log) => log.close()))
    }
  },
  { skip },
)

test('a handler that outlives the session is called once and keeps its partition', { skip }, async (context) => {
  const log = openLog(context, someSettings(), { sessionTimeoutMs: 2_000 })
  await log.prepare()
  await log.publish('exchanges', [{ key: 'long', value: '{}' }])
  let calls = 0
  const reader = await startReader(log, {
    handle: async () => {
      calls++
      await sleep(5_000)
    },
  })
  await eventually('the record is handled', () => reader.deliveries.length === 1)
  await eventually('it is committed', async () => (await log.lag('replay', 'exchanges')) === 0)
  await sleep(500)
  assert.equal(calls, 1)
})

test(
  'a consumer that joins while batches are in hand takes nothing away and repeats nothing',
  { skip },
  async (context) => {
    const settings = someSettings()
    const log = openLog(context, settings, { sessionTimeoutMs: 3_000 })
    await log.prepare()
    await log.publish('exchanges', someRecords(40))
    const slow = { maxBatch: 2, handle: () => sleep(150) }
    const one = await startReader(log, slow)
    await eventually('the first batch', () => one.deliveries.length > 0)
    const other = await startReader(openLog(context, settings, { sessionTimeoutMs: 3_000 }), slow)
    await eventually('everything', () => one.deliveries.length + other.deliveries.length >= 40)
    await eventually('no lag', async () => (await log.lag('replay', 'exchanges')) === 0)
    assert.ok(other.deliveries.length > 0)
    assert.equal(new Set([...one.keys(), ...other.keys()]).size, 40)
    assert.equal(one.deliveries.length + other.deliveries.length, 40)
  },
)

test(
  'a frozen broker makes publishing fail in time; afterwards what is acknowledged is there',
  { skip },
  async (context) => {
    const lines: string[] = []
    const logger = pino(
      { level: 'trace' },
      new Writable({ write: (line, _, done) => (lines.push(String(line)), done()) }),
    )
    const settings = someSettings({ partitions: 1 })
    const log = openLog(context, settings, { publishTimeoutMs: 2_000, logger })
    await log.prepare()
    await log.publish('exchanges', [{ key: 'before', value: 'canary' }])
    await broker.pause()
    try {
      const started = performance.now()
      await assert.rejects(log.publish('exchanges', [{ key: 'during', value: 'canary' }]), { code: 'LOG_UNAVAILABLE' })
      assert.ok(performance.now() - started < 3_000)
      await assert.rejects(log.ping(500), { code: 'LOG_UNAVAILABLE' })
      // Until the client has given the first record up, while the broker still holds it in its socket: here an idempotent
      // producer would give its sequence number to the next record, and the broker would confirm that one and drop it.
      await sleep(3_500)
    } finally {
      broker.resume()
    }
    const acknowledged: string[] = []
    await eventually('publishing works again', async () => {
      const key = `after-${acknowledged.length}`
      await log.publish('exchanges', [{ key, value: 'canary' }]).then(
        () => acknowledged.push(key),
        () => {},
      )
      return acknowledged.length === 5
    })
    const reader = await startReader(log)
    await eventually('all that was acknowledged', () => {
      const keys = new Set(reader.keys())
      return ['before', ...acknowledged].every((key) => keys.has(key))
    })
    assert.ok(lines.length > 0)
    assert.doesNotMatch(lines.join(''), /canary/)
  },
)

test(
  'a record over the limit of its topic is refused at once, the others of its publish arrive',
  { skip },
  async (context) => {
    const settings = someSettings({ partitions: 1 })
    const log = openLog(context, settings)
    await log.prepare()
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: `${settings.prefix}.exchanges`,
          configEntries: [{ name: 'max.message.bytes', value: '100000' }],
        },
      ],
    })
    const large = { key: 'large', value: randomBytes(200_000) }
    await eventually('the new limit is in force', async () => {
      const started = performance.now()
      const code = await log.publish('exchanges', [large]).then(
        () => 'accepted',
        (err) => (err as { code: string }).code,
      )
      assert.ok(code === 'accepted' || performance.now() - started < 1_000)
      return code === 'LOG_RECORD_TOO_LARGE'
    })
    const small = someRecords(3)
    await assert.rejects(log.publish('exchanges', [...small, large]), { code: 'LOG_RECORD_TOO_LARGE' })
    const reader = await startReader(log)
    await eventually('the small ones', () => small.every(({ key }) => reader.keys().includes(key)))
  },
)

test('records that together exceed the limit of a topic are sent one by one', { skip }, async (context) => {
  const settings = someSettings({ partitions: 1 })
  const log = openLog(context, settings)
  await log.prepare()
  const records = Array.from({ length: 6 }, (_, index) => ({ key: `${index}`, value: randomBytes(3 * 1024 * 1024) }))
  await log.publish('exchanges', records)
  const reader = await startReader(log)
  await eventually('all six', () => reader.deliveries.length === 6)
})

test('a consumer whose right to read is taken away is fatal: never alive and idle', { skip }, async (context) => {
  const settings = someSettings()
  await openLog(context, settings).prepare()
  const allow = (resourceType: AclResourceTypes, resourceName: string) => ({
    resourceType,
    resourceName,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: `User:${login.username}`,
    host: '*',
    operation: AclOperationTypes.ALL,
    permissionType: AclPermissionTypes.ALLOW,
  })
  const topic = `${settings.prefix}.exchanges`
  await admin.createAcls({
    acl: [allow(resources.TOPIC, topic), allow(resources.GROUP, `${settings.prefix}.replay`)],
  })
  const sasl = { mechanism: 'plain', ...login } as const
  const log = openLog(context, { ...settings, brokers: broker.loginBrokers, sasl })
  await eventually('the right is in force', () =>
    log.publish('exchanges', [{ key: 'allowed', value: '{}' }]).then(
      () => true,
      () => false,
    ),
  )
  const reader = await startReader(log)
  await eventually('the record', () => reader.deliveries.length === 1)

  await admin.deleteAcls({ filters: [allow(resources.TOPIC, topic)] })
  await eventually('the end', () => reader.fatal.length > 0)
  assert.equal(reader.fatal.length, 1)
  assert.equal((reader.fatal[0] as Error & { code: string }).code, 'LOG_REFUSED')
  assert.match(reader.fatal[0]!.message, /AUTHORIZATION_FAILED.*check the ACLs/)
  await assert.rejects(log.publish('exchanges', [{ key: 'denied', value: '{}' }]), { code: 'LOG_REFUSED' })
})

test(
  'a stage that may read and not publish keeps what it has in hand, and goes on once it may',
  { skip },
  async (context) => {
    const settings = someSettings({ partitions: 1 })
    const open = openLog(context, settings)
    await open.prepare()
    const allow = (resourceType: AclResourceTypes, resourceName: string) => ({
      resourceType,
      resourceName,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: `User:${login.username}`,
      host: '*',
      operation: AclOperationTypes.ALL,
      permissionType: AclPermissionTypes.ALLOW,
    })
    const topicOf = (topic: string) => allow(resources.TOPIC, `${settings.prefix}.${topic}`)
    // The right to publish letters, too: so nothing keeps it from giving the records up.
    const acl = [topicOf('observations'), topicOf('dead-letters'), allow(resources.GROUP, `${settings.prefix}.compare`)]
    await admin.createAcls({ acl })
    const lines: string[] = []
    const logger = pino(
      { level: 'warn' },
      new Writable({ write: (line, _, done) => (lines.push(String(line)), done()) }),
    )
    const sasl = { mechanism: 'plain', ...login } as const
    const log = openLog(context, { ...settings, brokers: broker.loginBrokers, sasl }, { logger })
    await open.publish('observations', someRecords(3))
    const stage = await startReader(log, {
      topics: ['observations'],
      group: 'compare',
      handle: (batch) =>
        log.publish(
          'comparisons',
          batch.map(({ key, value }) => ({ key, value })),
        ),
    })
    const told = () => lines.filter((line) => /batch is retried/.test(line) && /LOG_REFUSED.*check the ACLs/.test(line))
    await eventually('it tells that it may not', () => told().length >= 3)
    assert.equal(await open.lag('compare', 'observations'), 3)
    await admin.createAcls({ acl: [topicOf('comparisons')] })
    await eventually('it goes on', async () => (await open.lag('compare', 'observations')) === 0)
    assert.equal(stage.deliveries.length, 3)
    assert.equal(await open.lag('anyone', 'dead-letters'), 0)
    assert.equal(await open.lag('anyone', 'comparisons'), 3)
  },
)

test('a topic that has too few partitions is told, with the command that mends it', { skip }, async (context) => {
  const settings = someSettings({ partitions: 3 })
  const topic = `${settings.prefix}.observations`
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] })
  const lines: string[] = []
  const logger = pino({ level: 'warn' }, new Writable({ write: (line, _, done) => (lines.push(String(line)), done()) }))
  const log = openLog(context, settings, { logger })

  await log.prepare()
  await log.prepare()

  assert.equal(lines.length, 2, 'once a start')
  for (const line of lines) assert.match(line, new RegExp(`kafka-topics --alter --topic ${topic} --partitions 3`))
})

test('a wrong password is refused at once and named', { skip }, async (context) => {
  const sasl = { mechanism: 'plain', username: login.username, password: 'wrong' } as const
  const log = openLog(context, someSettings({ brokers: broker.loginBrokers, sasl }))
  const refusal = { code: 'LOG_REFUSED', message: /refused the login: check log\.kafka\.sasl/ }
  await assert.rejects(log.publish('exchanges', [{ key: 'a', value: '{}' }]), refusal)
  await assert.rejects(log.ping(5_000), refusal)
})

test('topics that were never made are named with their cure', { skip }, async (context) => {
  const log = openLog(context, someSettings(), { publishTimeoutMs: 1_000 })
  const missing = { code: 'LOG_UNAVAILABLE', message: /has no topic test-\d+\.exchanges.*understudy migrate/ }
  await assert.rejects(log.publish('exchanges', [{ key: 'a', value: '{}' }]), missing)
  await assert.rejects(startReader(log), missing)
})

test('more replicas than brokers are refused when the topics are made', { skip }, async (context) => {
  const log = openLog(context, someSettings({ replicationFactor: 3 }))
  await assert.rejects(log.prepare(), { code: 'LOG_REFUSED' })
})

test('a server that accepts and never answers is told from a broker by the deadline', async (context) => {
  const sockets = new Set<Socket>()
  const mute = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  context.after(() => {
    for (const socket of sockets) socket.destroy()
    mute.close()
  })
  const { port } = mute.address() as { port: number }
  const settings = { brokers: [`127.0.0.1:${port}`], prefix: 'mute', partitions: 1, replicationFactor: 1, ssl: false }
  const log = openKafkaLog(settings, { logger: silentLogger, clientId: 'test', publishTimeoutMs: 700 })
  const started = performance.now()
  await assert.rejects(log.ping(300), { code: 'LOG_UNAVAILABLE', message: /no answer in 300 ms/ })
  assert.ok(performance.now() - started < 1_000)
  await assert.rejects(log.publish('exchanges', [{ key: 'a', value: '{}' }]), { code: 'LOG_UNAVAILABLE' })
  assert.ok(performance.now() - started < 2_500)
  await log.close()
  assert.ok(performance.now() - started < 6_000)
})

test('a log opens while its broker is away, and says so when it is used', async () => {
  const settings = { brokers: ['127.0.0.1:1'], prefix: 'away', partitions: 1, replicationFactor: 1, ssl: false }
  const log = await openTopicLog({ kafka: settings }, { logger: silentLogger, clientId: 'test' })
  await assert.rejects(log.ping(5_000), { code: 'LOG_UNAVAILABLE', message: /127\.0\.0\.1:1 does not answer/ })
  await log.close()
})

test('an idle client is idle: it sets no timers in a circle', { skip }, async (context) => {
  const warnings: string[] = []
  const warn = (warning: Error) => warnings.push(warning.name)
  process.on('warning', warn)
  const log = openLog(context, someSettings())
  await log.prepare()
  await log.publish('exchanges', [{ key: 'a', value: '{}' }])
  const reader = await startReader(log)
  await eventually('the record', () => reader.deliveries.length === 1)

  const timers = context.mock.method(globalThis, 'setTimeout')
  const before = process.cpuUsage()
  await sleep(2_000)
  const { user, system } = process.cpuUsage(before)
  process.off('warning', warn)
  assert.ok(timers.mock.callCount() < 60, `${timers.mock.callCount()} timers in 2 s`)
  assert.ok(user + system < 200_000, `${(user + system) / 1_000} ms of CPU in 2 s`)
  assert.deepEqual(warnings, [])
})

test(
  'how long a topic keeps what is in it is read from the broker, its own settings before the default',
  { skip },
  async (context) => {
    const settings = someSettings()
    const log = openLog(context, settings)
    await log.prepare()
    const set = (topic: string, changes: Record<string, string>) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: ConfigResourceTypes.TOPIC,
            name: `${settings.prefix}.${topic}`,
            configEntries: Object.entries(changes).map(([name, value]) => ({ name, value })),
          },
        ],
      })
    await set('exchanges', { 'retention.ms': '3600000', 'segment.ms': '600000' })
    await set('scores', { 'retention.ms': '-1' })

    const told = await topicRetention(settings, silentLogger)

    const of = (topic: string) => told.find(({ topic: name }) => name === `${settings.prefix}.${topic}`)!
    assert.deepEqual(of('exchanges'), { topic: of('exchanges').topic, maxMs: 4_200_000, isCompacted: false })
    assert.equal(of('scores').maxMs, null)
    assert.equal(of('replay-state').isCompacted, true)
    assert.ok(of('observations').maxMs! >= 7 * 86_400_000)
  },
)

test(
  'a record that its topic does not take passes where large records are kept elsewhere',
  { skip },
  async (context) => {
    const settings = someSettings()
    const narrow = [{ name: 'max.message.bytes', value: '1000000' }]
    await admin.createTopics({
      topics: [{ topic: `${settings.prefix}.exchanges`, numPartitions: 4, configEntries: narrow }],
    })
    const folder = mkdtempSync(join(tmpdir(), 'understudy-claims-'))
    context.after(() => rmSync(folder, { recursive: true, force: true }))
    const open = async (kafka: KafkaSettings) => {
      const log = await openTopicLog({ kafka }, { logger: silentLogger, clientId: 'test' })
      context.after(() => log.close())
      await log.prepare()
      return log
    }
    const records = [
      { key: 'small', value: '{}' },
      { key: 'large', value: randomBytes(3_000_000) },
      { key: 'packs well', value: Buffer.alloc(3_000_000, 'x') },
    ]
    const plain = await open(settings)
    await assert.rejects(plain.publish('exchanges', [records[1]!]), { code: 'LOG_RECORD_TOO_LARGE' })

    const claimCheck = { folder, overBytes: 900_000, keepDays: 14 }
    const log = await open({ ...settings, claimCheck })
    await log.publish('exchanges', records)
    const reader = await startReader(log)
    await eventually('all three', () => reader.deliveries.length === 3)
    for (const { key, value } of records) {
      assert.ok(reader.deliveries.find((delivery) => delivery.key === key)!.value.equals(Buffer.from(value)), key)
    }
    const kept = () => readdirSync(join(folder, 'exchanges')).map((name) => join(folder, 'exchanges', name))
    assert.equal(kept().length, 1)

    process.env['CLAIM_TEST_KEY'] = randomBytes(32).toString('base64')
    const encryption = { keys: [{ id: 'k1', fromEnv: 'CLAIM_TEST_KEY' }], active: 'k1' }
    const options = { logger: silentLogger, clientId: 'test' }
    const sealed = await openTopicLog({ kafka: { ...settings, claimCheck }, encryption }, options)
    context.after(() => sealed.close())
    const [plainly] = kept()
    const text = JSON.stringify({ said: 'MARK-QZX7', random: randomBytes(2_000_000).toString('base64') })
    await sealed.publish('exchanges', [{ key: 'secret', value: text }])
    const secret = kept().find((file) => file !== plainly)!
    assert.ok(!gunzipSync(readFileSync(secret)).includes('MARK-QZX7'), 'it is sealed before it is kept')
    const opened = await startReader(sealed, { group: 'opened' })
    await eventually('the sealed one', () => opened.keys().includes('secret'))
    assert.equal(opened.deliveries.find(({ key }) => key === 'secret')!.value.toString(), text)
  },
)
