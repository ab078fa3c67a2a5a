import { type LogConfig } from '../config/schema.ts'
import { openKeyring } from '../encryption/keyring.ts'
import { sealedLog } from '../encryption/sealed-log.ts'
import { type Logger } from '../logger.ts'
import { type TopicLog } from './topic-log.ts'

/**
 * Opens the log that the config names. An embedded file must be usable now; a Kafka broker is first contacted when something
 * is published, consumed or pinged, so that a stage can start while the broker is down.
 */
export async function openTopicLog(
  config: LogConfig,
  { logger, clientId }: { logger: Logger; clientId: string },
): Promise<TopicLog> {
  return sealedLog(await openPlain(config, { logger, clientId }), openKeyring(config.encryption))
}

async function openPlain(
  config: LogConfig,
  { logger, clientId }: { logger: Logger; clientId: string },
): Promise<TopicLog> {
  if ('embedded' in config) {
    const { openEmbeddedLog } = await import('./embedded.ts')
    return openEmbeddedLog({ file: config.embedded, logger })
  }
  const { openKafkaLog } = await import('./kafka.ts')
  const log = openKafkaLog(config.kafka, { logger, clientId })
  const { claimCheck } = config.kafka
  if (claimCheck === undefined) return log
  const [{ claimedLog }, { openClaimStore }] = await Promise.all([
    import('./claims/claimed-log.ts'),
    import('./claims/claim-store.ts'),
  ])
  return claimedLog(log, await openClaimStore(claimCheck), { ...claimCheck, logger })
}
