import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Exchange } from '../../../shared/contracts/exchange.ts'
import { encodeMessage } from '../../../shared/log/messages.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { silentLogger } from '../../../shared/logger.ts'
import { stateFileOf } from '../../../shared/limits/open.ts'
import { openLocalState } from '../../../shared/limits/local-state.ts'
import { understudy } from '../../support/understudy.ts'
import { anExchange } from '../replay/builders.ts'
import { chatCompletion, pretendProvider, sendJson } from '../replay/pretend-provider.ts'

/** A config and a log that holds these exchanges. */
async function aPlace(context: TestContext, exchanges: Exchange[] = [], url = 'http://127.0.0.1:1') {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-replay-cli-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const logFile = join(folder, 'log.db')
  const configFile = join(folder, 'understudy.yaml')
  writeFileSync(
    configFile,
    `
tap: { upstreams: { openai: { dialect: openai, baseUrl: 'http://127.0.0.1:1' } } }
log: { embedded: ${logFile} }
providers: { openai: { dialect: openai, baseUrl: '${url}/v1' } }
control: { provider: openai }
candidates:
  - { name: mini, provider: openai, model: gpt-4o-mini, budgetUsdPerDay: 5, routes: [default] }
  - { name: odd, provider: openai, model: a-model-of-ours }
`,
  )
  const log = await openTopicLog({ embedded: logFile }, { logger: silentLogger, clientId: 'test' })
  await log.prepare()
  const records = exchanges.map((each) => ({ key: each.conversationId, value: encodeMessage(Exchange, each) }))
  if (records.length > 0) await log.publish('exchanges', records)
  await log.close()
  return { configFile, logFile }
}

test('replay --estimate says what each arm would cost, and which model has no price', async (context) => {
  const exchanges = Array.from({ length: 25 }, (_, hour) =>
    anExchange(undefined, { capturedAt: new Date(Date.UTC(2026, 10, 20, hour)).toISOString() }),
  )
  const broken = anExchange(undefined, { served: { end: 'upstream_aborted' } })
  const { configFile } = await aPlace(context, [...exchanges, { ...broken, capturedAt: exchanges[0]!.capturedAt }])

  const { code, stdout } = await understudy('replay', '--estimate', '--config', configFile, '--json')

  assert.equal(code, 0, stdout)
  const estimation = JSON.parse(stdout) as { of: string; isPriced: boolean; arms: Record<string, unknown>[] }
  const { of, isPriced, arms } = estimation
  assert.deepEqual([of, isPriced], ['waiting', false])
  const [control, mini, odd] = arms
  // Ten tokens in and four out each; 2.5 and 10 dollars a million, 0.15 and 0.6 for the small one.
  const close = (seen: unknown, expected: number) =>
    assert.ok(Math.abs((seen as number) - expected) < 1e-9, String(seen))
  close(control!['costUsd'], 25 * (10 * 2.5e-6 + 4 * 10e-6))
  close(mini!['costUsd'], 25 * (10 * 0.15e-6 + 4 * 0.6e-6))
  assert.deepEqual([mini!['calls'], mini!['inputTokens'], mini!['outputTokens']], [25, 250, 100])
  assert.deepEqual(mini!['notAsked'], { served_incomplete: 1 })
  assert.deepEqual(mini!['perDay'], { calls: 25, costUsd: mini!['costUsd'] })
  assert.deepEqual(odd!['unpriced'], { 'a-model-of-ours': 25 })

  const told = await understudy('replay', '--estimate', '--config', configFile)
  assert.match(told.stdout, /26 exchanges that wait to be replayed/)
  assert.match(told.stdout, /odd: 25 calls of a-model-of-ours have no price/)
  assert.match(told.stdout, /expected: at least \$0\.00/)
})

test('replay --estimate --from tells it of a file, and imports nothing', async (context) => {
  const { configFile, logFile } = await aPlace(context)
  const file = join(dirname(logFile), 'logs.jsonl')
  const lines = ['2026-11-20T10:00:00Z', '2026-11-20T16:00:00Z'].map((timestamp) => {
    const request = { model: 'gpt-4o', messages: [{ role: 'user', content: `Which colour? ${timestamp}` }] }
    return JSON.stringify({ request, response: chatCompletion('Blue.', 'gpt-4o'), timestamp })
  })
  writeFileSync(file, lines.join('\n'))
  const { code, stdout, stderr } = await understudy(
    'replay',
    '--estimate',
    '--from',
    file,
    '--config',
    configFile,
    '--json',
  )
  assert.equal(code, 0, stderr)
  const { exchanges, of, arms } = JSON.parse(stdout) as { exchanges: number; of: string; arms: { calls: number }[] }
  assert.deepEqual([exchanges, of, arms.map(({ calls }) => calls)], [2, 'file', [2, 2, 2]])
  const log = await understudy('replay', '--estimate', '--config', configFile)
  assert.match(log.stdout, /the log holds no exchanges/)
})

test('an empty log is no estimate of zero', async (context) => {
  const { configFile } = await aPlace(context)
  const { code, stdout } = await understudy('replay', '--estimate', '--config', configFile)
  assert.equal(code, 0)
  assert.match(stdout, /holds no exchanges/)
})

test('an arm is paused and resumed for every worker', async (context) => {
  const { configFile, logFile } = await aPlace(context)
  const state = openLocalState({ file: stateFileOf(logFile) })
  context.after(() => state.close())
  const paused = await understudy('replay', 'pause', 'mini', '--config', configFile)
  assert.deepEqual([paused.code, state.paused()], [0, ['mini']], paused.stderr)
  const resumed = await understudy('replay', 'resume', 'mini', '--config', configFile, '--json')
  assert.deepEqual([JSON.parse(resumed.stdout), state.paused()], [{ arm: 'mini', paused: false }, []])
  const unknown = await understudy('replay', 'pause', 'maxi', '--config', configFile)
  assert.equal(unknown.code, 2)
  assert.match(unknown.stderr, /no arm "maxi": choose from control, mini, odd/)
})

test('rehearse offers the recorded traffic faster, and names the highest load that keeps the gates', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, chatCompletion('Blue.')))
  const exchanges = Array.from({ length: 20 }, (_, second) =>
    anExchange(undefined, { capturedAt: new Date(Date.UTC(2026, 10, 20, 0, 0, second)).toISOString() }),
  )
  const { configFile } = await aPlace(context, exchanges, provider.url)
  const args = ['rehearse', '--candidate', 'mini', '--speed', '10x,20x', '--for', '1s', '--config', configFile]
  const { code, stdout, stderr } = await understudy(...args, '--json')
  assert.equal(code, 0, stderr)
  const result = JSON.parse(stdout) as { recorded: number; rehearsals: { calls: number; errorRate: number }[] }
  assert.equal(result.recorded, 20)
  assert.deepEqual(
    result.rehearsals.map(({ calls, errorRate }) => [calls, errorRate]),
    [
      [10, 0],
      [20, 0],
    ],
  )
  assert.ok(provider.asked.every(({ body }) => body.model === 'gpt-4o-mini'))
  assert.equal(provider.asked.length, 30)
})

test('rehearse says what it cannot read', async (context) => {
  const { configFile } = await aPlace(context)
  const rehearse = (...args: string[]) => understudy('rehearse', '--config', configFile, ...args)
  const seen = await Promise.all([
    rehearse('--candidate', 'mini', '--speed', 'fast'),
    rehearse('--candidate', 'mini', '--for', '10'),
    rehearse('--candidate', 'maxi'),
    rehearse('--candidate', 'mini'),
  ])
  assert.deepEqual(
    seen.map(({ code }) => code),
    [2, 2, 2, 2],
  )
  const words = [/write 2x/, /write 30s/, /choose from mini, odd/, /holds no exchange/]
  seen.forEach(({ stderr }, nth) => assert.match(stderr, words[nth]!))
})
