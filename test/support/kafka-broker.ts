import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClusterOptions, startCluster } from '../../infra/kafka/cluster.ts'
import { whatIsMissing } from '../../infra/kafka/jars.ts'
import { freeze } from './freeze.ts'

export type KafkaBroker = {
  /** Addresses without a login; there every operation is allowed. */
  brokers: string[]
  /** Addresses that ask for the login, if one was set. */
  loginBrokers: string[]
  /** Freezes the first broker. Once it resolves, its connections stay open and nothing answers. */
  pause(): Promise<void>
  resume(): void
  /** Kills one broker (the first by default) without letting it close anything. */
  kill(index?: number): void
  /** Kills the first broker and starts it again with what it kept. Resolves once it serves. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/**
 * Why tests that need a broker are skipped here, or false. With UNDERSTUDY_REQUIRE_KAFKA=1 nothing is skipped: a missing
 * Java or Maven then fails the tests.
 */
export async function kafkaSkipReason(): Promise<string | false> {
  const missing = await whatIsMissing()
  if (missing && process.env.UNDERSTUDY_REQUIRE_KAFKA === '1') throw new Error(`no Kafka broker: ${missing}`)
  return missing ? `needs a Kafka broker, but ${missing}` : false
}

/** Real brokers in a temporary folder. */
export async function startKafkaBroker(options: Omit<ClusterOptions, 'folder'> = {}): Promise<KafkaBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-kafka-'))
  const { brokers, restart, stop } = await startCluster({ ...options, folder })
  return {
    brokers: brokers.map(({ address }) => address),
    loginBrokers: brokers.flatMap(({ loginAddress }) => loginAddress ?? []),
    pause: () => freeze(brokers[0]!.process),
    resume: () => void brokers[0]!.process.kill('SIGCONT'),
    kill: (index = 0) => void brokers[index]!.process.kill('SIGKILL'),
    async restart() {
      const gone = once(brokers[0]!.process, 'exit')
      brokers[0]!.process.kill('SIGKILL')
      await gone
      await restart(0)
    },
    async stop() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
