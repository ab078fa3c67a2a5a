// One stage, as a process, over a log whose consumer ends for good.
import { type TopicLog } from '../../../shared/log/topic-log.ts'
import { silentLogger as logger } from '../../../shared/logger.ts'
import { startCompare } from '../../../services/compare/main.ts'
import { Compare } from '../../../shared/config/schema.ts'
import { startRecord } from '../../../services/record/main.ts'
import { type Store } from '../../../shared/store/store.ts'

const log = {
  consume: async ({ onFatal }) => {
    setTimeout(() => onFatal(new Error('gone')), 10)
    return { stop: async () => {}, lastPollAtMs: () => 0 }
  },
} as Pick<TopicLog, 'consume'> as TopicLog

// A process that would live on for ever.
setInterval(() => {}, 1_000)
if (process.argv[2] === 'compare') {
  const config = { routes: [], compare: Compare.parse({ workers: 1 }), waivers: [], candidates: [] }
  await startCompare({ config, log, logger })
} else await startRecord({ log, store: {} as Store, logger })
