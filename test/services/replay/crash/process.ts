// A replay worker to be killed: node process.ts LOG_FILE PROVIDER_URL
import { openEmbeddedLog } from '../../../../shared/log/embedded.ts'
import { silentLogger } from '../../../../shared/logger.ts'
import { startReplay } from '../../../../services/replay/main.ts'
import { stateFileOf } from '../../../../shared/limits/open.ts'
import { openLocalState } from '../../../../shared/limits/local-state.ts'
import { aConfig, tokenDollars } from '../builders.ts'
import { concurrency, leaseMs } from './settings.ts'

const [file, url] = process.argv.slice(2) as [string, string]
const log = await openEmbeddedLog({ file, logger: silentLogger, leaseMs, heartbeatMs: leaseMs / 6 })
const limits = { concurrency }
const config = aConfig(
  { openai: url },
  {
    control: { provider: 'openai', limits },
    candidates: [{ name: 'mini', provider: 'openai', model: 'gpt-4o-mini', limits, budgetUsdPerDay: 1_000_000 }],
  },
)
await startReplay({
  config,
  log,
  logger: silentLogger,
  prices: tokenDollars,
  state: openLocalState({ file: stateFileOf(file), leaseMs }),
})
process.send!('ready')
