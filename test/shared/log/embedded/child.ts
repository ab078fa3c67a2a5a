// A process of its own for the tests of the embedded log: child.ts consume|publish FILE NAME
import { silentLogger } from '../../../../shared/logger.ts'
import { openEmbeddedLog } from '../../../../shared/log/embedded.ts'

const [work, file, name] = process.argv.slice(2)
const log = await openEmbeddedLog({ file: file!, logger: silentLogger, leaseMs: 1_500, heartbeatMs: 200 })

/** Waits for the channel, so that what was told before a kill really happened before it. */
const tell = (message: unknown) => new Promise<void>((resolve) => process.send!(message, () => resolve()))

if (work === 'consume') {
  await log.consume({
    topics: ['exchanges'],
    group: 'replay',
    maxBatch: 4,
    onFatal: () => process.exit(1),
    handle: async (batch) => {
      for (const { key, partition } of batch) await tell({ key, partition })
    },
  })
  await tell('ready')
} else {
  for (let index = 0; ; index++) {
    const key = `${name}-${index}`
    await log.publish('exchanges', [{ key, value: '{}' }])
    await tell({ key })
  }
}
