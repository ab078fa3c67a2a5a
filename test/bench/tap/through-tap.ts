// The real tap of this tree, with its real log: `on` mirrors everything redacted, `off` opts every request out.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStages } from '../../../services/cli/stages.ts'
import { Config } from '../../../shared/config/schema.ts'
import { silentLogger } from '../../../shared/logger.ts'

const [upstream] = process.argv.slice(2) as [string]
const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'))
const config = Config.parse({
  tap: {
    listen: '127.0.0.1:0',
    ops: false,
    upstreams: { openai: { dialect: 'openai', baseUrl: upstream } },
  },
  log: { embedded: join(folder, 'log.db') },
  providers: {},
  control: false,
  candidates: [{ name: 'none', provider: 'none', model: 'none' }],
})
const { urls } = await startStages(['tap'], config, silentLogger)
process.send?.({ url: `${urls['tap']}/openai` })
