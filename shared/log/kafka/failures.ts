import { UnderstudyError } from '../../errors.ts'
import { tooLarge } from '../record-size.ts'

/** The fields of kafkajs's errors that tell what happened; its classes are not exported in one place. */
type KafkaFailure = Error & { type?: string; retriable?: boolean; errors?: Error[] }

const tooLargeTypes = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])
const lostTypes = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID'])
const rebalanceTypes = new Set(['REBALANCE_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP'])

/** kafkajs calls these "not retriable", yet they say only that the cluster was not ready in time. */
const passingNames = new Set(['KafkaJSGroupCoordinatorNotFound', 'KafkaJSTimeout', 'KafkaJSLockTimeout'])

/** This consumer is no member any more: what it has in hand belongs to another. */
export const isMembershipLost = (err: unknown): boolean => lostTypes.has(rootCause(err).type ?? '')

/** The group is sharing its partitions out again: what is in hand may be finished, soon. */
export const isRebalance = (err: unknown): boolean => rebalanceTypes.has(rootCause(err).type ?? '')

export const isTooLarge = (err: unknown): boolean => tooLargeTypes.has(rootCause(err).type ?? '')

/** By the first cause: the wrapper says "not retriable" even when retries ran out on a passing failure. */
export function explainKafka(err: unknown, topic: string, brokers: readonly string[]): UnderstudyError {
  if (err instanceof UnderstudyError) return err
  const cause = rootCause(err)
  const where = `Kafka at ${brokers.join(', ')}`
  if (isTooLarge(err)) return tooLarge(topic, "the topic's max.message.bytes is smaller", cause)
  if (cause.type === 'UNKNOWN_TOPIC_OR_PARTITION') {
    const cure = 'create the topics with `understudy migrate`, or check log.kafka.prefix'
    return new UnderstudyError('LOG_UNAVAILABLE', `${where} has no topic ${topic}: ${cure}.`, { cause })
  }
  if (cause.name === 'KafkaJSSASLAuthenticationError')
    return refused(where, 'refused the login', 'log.kafka.sasl', cause)
  if (cause.type?.endsWith('AUTHORIZATION_FAILED')) {
    return refused(where, `does not allow this on ${topic} (${cause.type})`, 'the ACLs of this user', cause)
  }
  if (cause.retriable === false && !passingNames.has(cause.name))
    return refused(where, `refused ${topic}: ${cause.message}`, 'log.kafka', cause)
  const message = `${where} does not answer (${cause.type ?? cause.message}): check that it runs and can be reached.`
  return new UnderstudyError('LOG_UNAVAILABLE', message, { cause })
}

function refused(where: string, what: string, check: string, cause: Error): UnderstudyError {
  return new UnderstudyError('LOG_REFUSED', `${where} ${what}: check ${check}.`, { cause })
}

function rootCause(err: unknown): KafkaFailure {
  let cause = err as KafkaFailure
  for (;;) {
    const next = cause.cause ?? cause.errors?.[0]
    if (!(next instanceof Error)) return cause
    cause = next
  }
}
