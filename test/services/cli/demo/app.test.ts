import { deepEqual, equal, ok } from 'node:assert/strict'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { runApp } from '../../../../services/cli/demo/app.ts'
import { demoExchanges } from '../../../../services/cli/demo/traffic.ts'
import { demoApiKey, startPretendProviders } from '../../../../services/cli/demo/world.ts'

const exchanges = demoExchanges({ count: 60, seed: 2 })

test('the app gets an answer to every request, through both SDKs', async (context) => {
  const world = await startPretendProviders({ exchanges, seed: 2 })
  context.after(() => world.stop())
  const progress: number[] = []
  const result = await runApp({
    openaiBaseUrl: `${world.urls.openai}/v1`,
    anthropicBaseUrl: world.urls.anthropic,
    apiKey: demoApiKey,
    exchanges,
    concurrency: 12,
    onProgress: (done) => progress.push(done),
  })
  deepEqual(result, { answered: 60, failed: 0 })
  deepEqual(
    progress,
    Array.from({ length: 60 }, (_, index) => index + 1),
  )
})

test('requests that fail are counted, and never end the app', async (context) => {
  const seen = new Set<string>()
  const server = createServer((request, response) => {
    seen.add(`${String(request.headers['x-understudy-route'])} ${request.url}`)
    response.writeHead(500, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const options = { openaiBaseUrl: `${url}/v1`, anthropicBaseUrl: url, apiKey: 'x', concurrency: 8 }
  const result = await runApp({ ...options, exchanges: exchanges.slice(0, 40) })
  equal(result.failed, 40)
  ok(seen.has('grounded /v1/messages') && seen.has('invoice /v1/chat/completions'))
})
