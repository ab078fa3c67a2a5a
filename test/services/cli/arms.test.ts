import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { armsDesk, hindranceOf } from '../../../services/cli/arms.ts'
import { stateFileOf } from '../../../shared/limits/open.ts'
import { openLocalState } from '../../../shared/limits/local-state.ts'
import { type Need } from '../../../shared/limits/limits-state.ts'
import { startReport } from '../../../services/report/main.ts'
import { silentLogger as logger } from '../../../shared/logger.ts'
import { aConfig } from '../replay/builders.ts'

function aPlace(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-arms-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const logFile = join(folder, 'log.db')
  const candidates = ['one', 'two', 'three'].map((name) => ({
    name,
    provider: name === 'three' ? 'anthropic' : 'openai',
    model: name,
    budgetUsdPerDay: 5,
  }))
  const config = aConfig(
    { openai: 'http://127.0.0.1:1' },
    { candidates, log: { embedded: logFile }, report: { listen: '127.0.0.1:0' } },
  )
  return { config, stateFile: stateFileOf(logFile) }
}

test('an arm is listed with what keeps it from being asked, and with what it has spent', async (context) => {
  const { config, stateFile } = aPlace(context)
  const desk = armsDesk(config)
  const asked = (await desk.list()).map(({ arm, state }) => `${arm} ${state}`)
  assert.deepEqual(asked, ['control asked', 'one asked', 'two asked', 'three asked'])
  assert.ok(!existsSync(stateFile), 'looking leaves nothing behind')

  const state = openLocalState({ file: stateFile })
  const need: Need = {
    arm: 'two',
    provider: 'openai',
    armLimits: { concurrency: 1 },
    providerLimits: {},
    tokens: 1,
    budget: { limitUsd: 5, estimateUsd: 1 },
  }
  const answer = state.admit([need])
  assert.ok(answer.kind === 'admitted')
  state.settle(answer.calls[0]!, need, { costUsd: 5.25, tokens: null })
  for (let nth = 0; nth < 5; nth++) state.note('anthropic', 'failed')
  await state.close()
  await desk.setPaused('one', true, 'os:ana')

  const listed = await desk.list()
  assert.deepEqual(
    listed.map(({ arm, state: is, since, spentUsd }) => [arm, is, since !== null, spentUsd]),
    [
      ['control', 'asked', false, null],
      ['one', 'paused', true, 0],
      ['two', 'budget_reached', false, 5.25],
      ['three', 'breaker_open', true, 0],
    ],
  )
  const words = listed.map((arm) => hindranceOf(arm)?.join(': ') ?? '')
  assert.equal(words[0], '')
  assert.match(words[1]!, /^one is paused since \d{4}-.*understudy replay resume one$/)
  assert.match(words[2]!, /^two has spent \$5\.25 of \$5\.00 for today: .*budgetUsdPerDay$/)
  assert.match(words[3]!, /^the provider anthropic of three fails since \d{4}-/)
})

test('the API pauses and resumes an arm as the command line does, and names the arms where there is no such one', async (context) => {
  const { config } = aPlace(context)
  const unused = () => Promise.reject(new Error('not looked at here'))
  const desk = armsDesk(config)
  const report = await startReport({
    config,
    store: { kind: 'reader', query: unused, insert: unused, ping: unused },
    logger,
    intake: { take: unused },
    arms: desk,
  })
  context.after(() => report.stop())
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${report.url}/api/v1/arms${path}`, init)
    return [response.status, (await response.json()) as { error?: object }] as const
  }
  const post = (path: string, headers: Record<string, string> = {}) => ask(path, { method: 'POST', headers })
  const pausedArms = async () => (await desk.list()).filter(({ state }) => state === 'paused').map(({ arm }) => arm)

  assert.deepEqual(await post('/one/pause'), [200, { version: 1, arm: 'one', paused: true }])
  assert.deepEqual(await pausedArms(), ['one'])
  const [status, body] = await ask('')
  assert.deepEqual([status, body], [200, { version: 1, arms: await desk.list() }])
  assert.deepEqual(await post('/one/resume'), [200, { version: 1, arm: 'one', paused: false }])
  assert.deepEqual(await pausedArms(), [])

  const [unknown, { error }] = await post('/nobody/pause')
  assert.equal(unknown, 404)
  assert.deepEqual(error, {
    code: 'CANDIDATE_UNKNOWN',
    message: 'there is no arm "nobody": choose from control, one, two, three',
  })
  const [fromPage, refused] = await post('/one/pause', { origin: 'https://example.com' })
  assert.deepEqual([fromPage, await pausedArms()], [403, []])
  assert.equal((refused.error as { code: string }).code, 'FORBIDDEN')
})
