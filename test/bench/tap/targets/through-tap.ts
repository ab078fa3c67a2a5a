// The real tap of this tree, as `understudy tap` starts it: everything is mirrored, redacted. Without a broker its log is
// embedded. Asked over the process channel, it tells the totals of its ledger.
import { join } from 'node:path'
import { createWorkerMirror } from '../../../../services/tap/mirror/worker-mirror.ts'
import { startTap } from '../../../../services/tap/main.ts'
import { Config } from '../../../../shared/config/schema.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'

const [baseUrl, folder, broker] = process.argv.slice(2) as [string, string, string?]
const config = Config.parse({
  tap: {
    listen: '127.0.0.1:0',
    ops: false,
    upstreams: { openai: { dialect: 'openai', baseUrl } },
    spool: { folder: join(folder, 'spool') },
  },
  log: broker === undefined ? { embedded: join(folder, 'log.db') } : { kafka: { brokers: [broker] } },
  providers: {},
  control: false,
  candidates: [{ name: 'none', provider: 'none', model: 'none' }],
})
const tap = await startTap({ config, mirror: createWorkerMirror({ config, logger }), logger })
process.on('message', () => process.send?.(tap.totals()))
process.send?.({ urls: [tap.url] })
