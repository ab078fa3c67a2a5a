import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openKafkaLog } from '../../../shared/log/kafka.ts'
import { silentLogger } from '../../../shared/logger.ts'
import { kafkaSkipReason } from '../../support/kafka-broker.ts'
import { eventually } from '../../shared/log/support.ts'

const skip = await kafkaSkipReason()

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Runs the script until it says that Kafka answers; `end` stops it as Ctrl-C would. */
async function startScript(context: TestContext, port: number, folder: string) {
  const args = ['infra/kafka/start.ts', '--port', String(port), '--dir', folder]
  const script = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  context.after(() => script.kill('SIGTERM'))
  const ended = once(script, 'exit').then(([code]) => Promise.reject(new Error(`it ended with ${code}`)))
  const [line] = (await Promise.race([once(script.stdout, 'data'), ended])) as [Buffer]
  ended.catch(() => {})
  const end = async (): Promise<number> => {
    const gone = once(script, 'exit')
    script.kill('SIGTERM')
    return ((await gone) as [number])[0]
  }
  return { line: String(line), end }
}

test(
  'the local Kafka answers where it says, keeps its data over a restart, and ends cleanly',
  { skip, timeout: 120_000 },
  async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'understudy-kafka-'))
    context.after(() => rmSync(folder, { recursive: true, force: true }))
    const port = await freePort()
    const settings = {
      brokers: [`127.0.0.1:${port}`],
      prefix: 'local',
      partitions: 1,
      replicationFactor: 1,
      ssl: false,
    }
    const log = openKafkaLog(settings, { logger: silentLogger, clientId: 'test' })
    context.after(() => log.close())

    const first = await startScript(context, port, folder)
    assert.match(first.line, new RegExp(`Kafka answers on 127\\.0\\.0\\.1:${port};`))
    await log.prepare()
    await log.publish('exchanges', [{ key: 'kept', value: '{}' }])
    assert.equal(await first.end(), 0)
    await assert.rejects(log.ping(2_000), { code: 'LOG_UNAVAILABLE' })

    const second = await startScript(context, port, folder)
    // A restarted broker answers before it leads its partitions again.
    await eventually('the record is still there', async () => {
      return (await log.lag('anybody', 'exchanges').catch(() => undefined)) === 1
    })
    await log.publish('exchanges', [{ key: 'next', value: '{}' }])
    assert.equal(await log.lag('anybody', 'exchanges'), 2)
    assert.equal(await second.end(), 0)
  },
)
