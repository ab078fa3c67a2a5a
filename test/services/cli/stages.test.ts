import { equal, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startStages } from '../../../services/cli/stages.ts'
import { Config } from '../../../shared/config/schema.ts'
import { Verdict } from '../../../shared/contracts/verdict.ts'
import { silentLogger as logger } from '../../../shared/logger.ts'

test('the process that records begins the campaign of its config, and one that starts again finds it', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-stages-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const config = Config.parse({
    tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
    log: { embedded: join(folder, 'log.db') },
    store: { embedded: join(folder, 'store'), listen: '127.0.0.1:0' },
    providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
    control: { provider: 'openai' },
    candidates: [{ name: 'mini', provider: 'openai', model: 'small-1' }],
    ops: false,
    report: { listen: '127.0.0.1:0' },
  })
  const campaignOf = async () => {
    const running = await startStages(['record', 'report'], config, logger)
    try {
      const response = await fetch(`${running.urls['report']}/api/v1/candidates/mini/verdict`)
      return Verdict.parse(await response.json()).campaign!
    } finally {
      await running.stop()
    }
  }

  const first = await campaignOf()
  const again = await campaignOf()

  ok(first.startedAt !== null)
  equal(again.startedAt, first.startedAt)
  equal(again.attempt, 1)
})
