import { type LogConfig } from '../config/schema.ts'
import { type stateTopics, type TopicLog } from '../log/topic-log.ts'
import { type Logger } from '../logger.ts'
import { type LimitsState } from './limits-state.ts'
import { openLocalState } from './local-state.ts'
import { openNotedState } from './noted-state.ts'

/** What the processes of one machine share lies beside their log. */
export function stateFileOf(logFile: string): string {
  return `${logFile}-replay`
}

/** One machine shares a file; machines share notes on a topic, one for each stage that calls providers. */
export async function openState(
  config: LogConfig,
  log: TopicLog,
  logger: Logger,
  topic: (typeof stateTopics)[number] = 'replay-state',
): Promise<LimitsState> {
  return 'embedded' in config
    ? openLocalState({ file: stateFileOf(config.embedded) })
    : openNotedState({ log, logger, topic })
}
