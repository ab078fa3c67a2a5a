import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kafkaJars } from './jars.ts'

const run = promisify(execFile)
const loggers = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.logFile=System.out']
const startedLogger = '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info'
const java = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...loggers, startedLogger]

export type ClusterOptions = {
  /** Data goes here; a folder used before continues with what it holds. */
  folder: string
  brokers?: number
  /** Of the first broker, the others follow. Left out: free ports. */
  port?: number
  /** Adds a listener that asks for this login (SASL PLAIN) and refuses what no ACL allows. */
  login?: { username: string; password: string }
  properties?: Record<string, string>
}

export type Broker = { address: string; loginAddress: string | null; process: ChildProcess }
export type Cluster = {
  brokers: Broker[]
  /** Starts a broker that has ended, with what it kept. Resolves once it serves. */
  restart: (index: number) => Promise<void>
  stop: () => Promise<void>
}

type Node = { id: number; port: number; controllerPort: number; loginPort: number; folder: string }

/** Real Kafka brokers (KRaft, each its own controller too) on the loopback address. Resolves once all of them serve. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const jars = await kafkaJars()
  const nodes = await planNodes(options)
  const clusterId = newClusterId()
  await Promise.all(nodes.map((node) => format(node, nodes, options, jars, clusterId)))
  const brokers = nodes.map((node) => startBroker(node, jars, options))
  const restart = async (index: number) => {
    brokers[index] = startBroker(nodes[index]!, jars, options)
    await untilServing(brokers[index].process)
  }
  const stop = async () => {
    await Promise.all(brokers.map(({ process }) => end(process)))
  }
  try {
    await Promise.all(brokers.map(({ process }) => untilServing(process)))
  } catch (err) {
    await stop()
    throw err
  }
  return { brokers, restart, stop }
}

/** A UUID in base64url that does not begin with a dash: the tool would take it for an option. */
function newClusterId(): string {
  const bytes = randomBytes(16)
  bytes[0]! &= 0x7f
  return bytes.toString('base64url')
}

async function planNodes({ folder, brokers = 1, port }: ClusterOptions): Promise<Node[]> {
  const free = await freePorts(brokers * 3)
  return Array.from({ length: brokers }, (_, index) => ({
    id: index + 1,
    port: port === undefined ? free[index * 3]! : port + index,
    controllerPort: free[index * 3 + 1]!,
    loginPort: free[index * 3 + 2]!,
    folder: join(folder, `broker-${index + 1}`),
  }))
}

async function format(node: Node, nodes: Node[], options: ClusterOptions, jars: string, clusterId: string) {
  mkdirSync(node.folder, { recursive: true })
  const file = join(node.folder, 'server.properties')
  writeFileSync(
    file,
    toProperties({ ...settings(node, nodes), ...loginSettings(node, options), ...options.properties }),
  )
  if (existsSync(join(node.folder, 'data', 'meta.properties'))) return
  const tool = ['-cp', join(jars, '*'), 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file]
  await run('java', [...java, ...tool])
}

function settings(node: Node, nodes: Node[]): Record<string, string> {
  const replicas = String(Math.min(3, nodes.length))
  return {
    'process.roles': 'broker,controller',
    'node.id': String(node.id),
    'controller.quorum.voters': nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAIN',
    listeners: `PLAIN://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'listener.security.protocol.map': 'PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT,LOGIN:SASL_PLAINTEXT',
    'log.dirs': join(node.folder, 'data'),
    'auto.create.topics.enable': 'false',
    // One machine: nobody to wait for when a group forms, and few partitions to open at the start.
    'group.initial.rebalance.delay.ms': '0',
    'offsets.topic.num.partitions': '4',
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'log.cleaner.dedupe.buffer.size': '8388608',
  }
}

function loginSettings(node: Node, { login }: ClusterOptions): Record<string, string> {
  if (!login) return {}
  const module = 'org.apache.kafka.common.security.plain.PlainLoginModule'
  return {
    listeners: `${settings(node, [node]).listeners},LOGIN://127.0.0.1:${node.loginPort}`,
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.login.plain.sasl.jaas.config': `${module} required user_${login.username}="${login.password}";`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // Who comes without a login: the brokers themselves, and the administrator of a test.
    'super.users': 'User:ANONYMOUS',
  }
}

const toProperties = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')

function startBroker(node: Node, jars: string, { login }: ClusterOptions): Broker {
  const args = [...java, '-cp', join(jars, '*'), 'kafka.Kafka', join(node.folder, 'server.properties')]
  const broker = spawn('java', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const killWithParent = () => broker.kill('SIGKILL')
  process.once('exit', killWithParent)
  broker.once('exit', () => process.off('exit', killWithParent))
  return {
    address: `127.0.0.1:${node.port}`,
    loginAddress: login ? `127.0.0.1:${node.loginPort}` : null,
    process: broker,
  }
}

function untilServing(broker: ChildProcess): Promise<void> {
  let output = ''
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output = (output + String(chunk)).slice(-4_000)
      if (output.includes('Kafka Server started')) resolve()
    }
    broker.stdout?.on('data', read)
    broker.stderr?.on('data', read)
    broker.once('error', reject)
    broker.once('exit', (code) => reject(new Error(`the broker ended with ${code} before it served:\n${output}`)))
  })
}

/** SIGTERM lets a broker close its files; one that is frozen or does not end in time is killed. */
async function end(broker: ChildProcess): Promise<void> {
  if (broker.exitCode !== null || broker.signalCode !== null || broker.pid === undefined) return
  const gone = once(broker, 'exit')
  broker.kill('SIGCONT')
  broker.kill('SIGTERM')
  const killer = setTimeout(() => broker.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(killer)
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
