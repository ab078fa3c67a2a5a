import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { runApp } from '../../services/cli/demo/app.ts'
import { demoApiKey } from '../../services/cli/demo/world.ts'
import { type KafkaBroker, kafkaSkipReason, startKafkaBroker } from '../support/kafka-broker.ts'
import { setStage, startUnderstudy, understudy, until } from '../support/understudy.ts'

const count = 30
const arms = 5
const skip = await kafkaSkipReason()
let broker: KafkaBroker
let stage: Awaited<ReturnType<typeof setStage>>
let up: Awaited<ReturnType<typeof startUnderstudy>>

const tapUrl = () => `http://127.0.0.1:${stage.ports.tap}`

async function countOf(sql: string): Promise<number> {
  const { stdout, stderr } = await understudy('sql', '--config', stage.configFile, '--format', 'TSV', sql)
  assert.equal(stderr, '')
  return Number(stdout)
}

before(async () => {
  if (skip) return
  broker = await startKafkaBroker()
  stage = await setStage(count, (config) => {
    config['log'] = { kafka: { brokers: broker.brokers, partitions: 4 } }
  })
  up = await startUnderstudy('up', '--config', stage.configFile)
})

after(async () => {
  await up?.stop()
  await stage?.strike()
  await broker?.stop()
})

test('the whole way of an exchange over a real broker ends in one comparison for every arm', { skip }, async () => {
  const { failed } = await runApp({
    openaiBaseUrl: `${tapUrl()}/openai/v1`,
    anthropicBaseUrl: `${tapUrl()}/anthropic`,
    apiKey: demoApiKey,
    exchanges: stage.exchanges,
    concurrency: 8,
  })
  assert.equal(failed, 0)
  await until('every arm of every exchange is compared', 90_000, async () => {
    return (await countOf('SELECT count() FROM comparisons_unique')) >= count * arms
  })
  assert.equal(await countOf('SELECT uniqExact(exchange_id, arm) FROM comparisons_unique'), count * arms)
  assert.equal(await countOf('SELECT count() FROM dead_letters_unique'), 0)
})

test('a client gets the provider’s own bytes while the broker is dead', { skip }, async () => {
  const ask = async (base: string) => {
    const answer = await fetch(`${base}/v1/models`, { headers: { authorization: `Bearer ${demoApiKey}` } })
    return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() }
  }
  broker.kill()
  const direct = await ask(stage.world.urls.openai)
  const throughTap = await ask(`${tapUrl()}/openai`)
  assert.equal(direct.status, 200)
  assert.deepEqual(throughTap, direct)
  const started = performance.now()
  const { failed } = await runApp({
    openaiBaseUrl: `${tapUrl()}/openai/v1`,
    anthropicBaseUrl: `${tapUrl()}/anthropic`,
    apiKey: demoApiKey,
    exchanges: stage.exchanges.slice(0, 10),
    concurrency: 2,
  })
  assert.equal(failed, 0)
  assert.ok(performance.now() - started < 10_000, 'no answer waited for the broker')
})
