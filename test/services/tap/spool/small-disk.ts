// Fills a spool under whatever limits this process has, and is gone before it could tidy up.
import { openSpool } from '../../../../services/tap/spool/spool.ts'
import { createLedger, groupOf } from '../../../../services/tap/ledger.ts'
import { silentLogger } from '../../../../shared/logger.ts'

const [folder = '', retryMs = ''] = process.argv.slice(2)
const group = groupOf({ hourMs: 0, upstream: 'openai', route: 'default' })
const spool = openSpool({
  folder,
  maxBytes: 10_000_000,
  whenFull: 'drop_newest',
  logger: silentLogger,
  onDropped: () => {},
  retryMs: Number(retryMs),
})
const taken: number[] = []
for (let id = 0; id < 200; id += 1) {
  if (spool.append({ group, key: 'k', value: Buffer.from(`${id} ${'x'.repeat(1_000)}`) }, false) !== null)
    taken.push(id)
}
spool.save({ ...createLedger(async () => {}).state(), open: { [group]: taken.length } })
process.stdout.write(JSON.stringify({ taken, isBroken: spool.isBroken() }), () => process.kill(process.pid, 'SIGKILL'))
