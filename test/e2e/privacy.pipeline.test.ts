import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runApp } from '../../services/cli/demo/app.ts'
import { demoApiKey } from '../../services/cli/demo/world.ts'
import { setStage, startUnderstudy, understudy, until } from '../support/understudy.ts'

test('sealed traffic is compared and told, cannot be read from the disk, and goes on request with a trace of who asked', async (context) => {
  process.env['PRIVACY_TEST_KEY'] = randomBytes(32).toString('base64')
  const encryption = { keys: [{ id: 'k1', fromEnv: 'PRIVACY_TEST_KEY' }], active: 'k1' }
  const stage = await setStage(8, (config) => {
    config['store'] = { ...(config['store'] as object), encryption }
    config['tap'] = { ...(config['tap'] as object), spool: { folder: './spool' } }
  })
  context.after(() => stage.strike())
  const config = ['--config', stage.configFile]
  const count = async (table: string): Promise<number> =>
    Number((await understudy('sql', ...config, '--format', 'TSV', `SELECT count() FROM ${table}`)).stdout)

  const up = await startUnderstudy('up', ...config)
  const tap = `http://127.0.0.1:${stage.ports.tap}`
  const urls = { openaiBaseUrl: `${tap}/openai/v1`, anthropicBaseUrl: `${tap}/anthropic` }
  await runApp({ ...urls, apiKey: demoApiKey, exchanges: stage.exchanges, concurrency: 4, onProgress: () => {} })
  await until('everything is compared', 60_000, async () => (await count('comparisons_unique')) === 8 * 5)
  const inUse = await understudy('erase', ...config, '--conversation', 'anybody', '--yes')
  await up.stop()
  assert.match(inUse.stderr, /is held by process \d+/)

  // Words of each request, as they would stand in JSON.
  const said = stage.exchanges.map(({ messages }) => /[A-Za-z ,]{12,}/.exec(messages.at(-1)!.content)![0])
  const filesWith = (text: string) =>
    (readdirSync(stage.folder, { recursive: true }) as string[])
      .map((name) => join(stage.folder, name))
      .filter((file) => statSync(file).isFile() && readFileSync(file).includes(text))
  for (const text of said) assert.deepEqual(filesWith(text), [], text)
  assert.ok(filesWith('enc1:k1:').length > 0)

  const withKey = await understudy('summary', ...config, '--format', 'md')
  assert.doesNotMatch(withKey.stdout, /encrypted:/)
  const key = process.env['PRIVACY_TEST_KEY']
  delete process.env['PRIVACY_TEST_KEY']
  const without = await understudy('summary', ...config, '--format', 'md')
  process.env['PRIVACY_TEST_KEY'] = key
  if (/Worst differences/.test(withKey.stdout)) assert.match(without.stdout, /encrypted: key k1 is not configured/)

  const { conversationId } = stage.exchanges[0]!
  const ofConversation = stage.exchanges.filter((exchange) => exchange.conversationId === conversationId).length
  const erased = await understudy('erase', ...config, '--conversation', conversationId, '--yes', '--json')
  assert.equal(erased.code, 0, erased.stderr)
  assert.equal((JSON.parse(erased.stdout) as { exchanges: number }).exchanges, ofConversation)
  assert.equal(await count('exchanges_unique'), 8 - ofConversation)
  const ledger = await understudy('sql', ...config, '--format', 'TSV', 'SELECT missing FROM ledger_balance')
  assert.equal(ledger.stdout.trim(), '0')
  const audit = await understudy('audit', ...config)
  assert.match(audit.stdout, /erased\s+conversation/)
})
