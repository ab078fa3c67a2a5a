import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
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

test('a stage whose log does not answer says so in one line with the cure, again and again, and waits', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-stages-'))
  const config = join(folder, 'understudy.yaml')
  const settings = {
    tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
    log: { kafka: { brokers: ['127.0.0.1:1'] } },
    store: { embedded: join(folder, 'store'), listen: '127.0.0.1:0' },
    providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
    control: { provider: 'openai' },
    candidates: [{ name: 'mini', provider: 'openai', model: 'small-1' }],
    ops: false,
  }
  writeFileSync(config, JSON.stringify(settings))
  const main = new URL('../../../services/cli/main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [main, 'run', 'record', '--config', config], { cwd: folder })
  context.after(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  const told: Record<string, unknown>[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    const said = JSON.parse(line) as Record<string, unknown>
    if (said['code'] === 'LOG_UNAVAILABLE') told.push(said)
    if (told.length === 2) break
  }
  deepEqual(
    told.map(({ waitMs, err }) => ({ waitMs, err })),
    [
      { waitMs: 500, err: undefined },
      { waitMs: 1000, err: undefined },
    ],
  )
  for (const { message } of told) match(String(message), /127\.0\.0\.1:1 does not answer .*: check that it runs/)
})
