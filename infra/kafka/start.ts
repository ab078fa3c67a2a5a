// Starts a local Kafka and keeps it until SIGTERM or Ctrl-C: node infra/kafka/start.ts [--port 9092] [--brokers 1] [--dir DIR]
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { untilSignalled } from '../../shared/lifecycle.ts'
import { startCluster } from './cluster.ts'
import { whatIsMissing } from './jars.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '9092' },
    brokers: { type: 'string', default: '1' },
    dir: { type: 'string', default: join(homedir(), '.cache', 'understudy', 'kafka-data') },
  },
})

const missing = await whatIsMissing()
if (missing) {
  console.error(`No Kafka can be started here: ${missing}.`)
  process.exit(1)
}

const brokers = Number(values.brokers)
const cluster = await startCluster({ folder: resolve(values.dir), brokers, port: Number(values.port) })
console.log(`Kafka answers on ${cluster.brokers.map((broker) => broker.address).join(',')}; data in ${values.dir}`)
const signal = await untilSignalled()
await cluster.stop()
console.log(`Kafka stopped on ${signal}`)
process.exit(0)
