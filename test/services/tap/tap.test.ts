import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { createByteBudget } from '../../../services/tap/byte-budget.ts'
import { type FinishedCopy } from '../../../services/tap/capture.ts'
import { createTapServer } from '../../../services/tap/server.ts'
import { createTap } from '../../../services/tap/tap.ts'
import { createPools } from '../../../services/tap/upstreams.ts'
import { chatAnswer, chatRequest, send, startUpstream, testConfig, until } from './tap-kit.ts'

test('an exchange whose copy cannot be handed over is handed over without it, and counted as over once', async (context) => {
  const upstream = await startUpstream(context, (request, response) => {
    request.resume().on('end', () => response.end(chatAnswer))
  })
  const config = testConfig(upstream)
  const budget = createByteBudget(1_000_000)
  const pools = createPools(config.tap.upstreams)
  const accepted: FinishedCopy[] = []
  const accept = (copy: FinishedCopy, processed: () => void) => {
    if (copy.failure === null) throw new Error('it cannot be cloned')
    accepted.push(copy)
    processed()
  }
  const tap = createTap({ config, pools, budget, mirror: { accept } })
  const server = createTapServer(tap)
  await server.listen('127.0.0.1:0')
  context.after(async () => {
    await server.close(0)
    for (const pool of pools.values()) await pool.destroy()
  })

  for (let i = 0; i < 2; i += 1) {
    const path = '/openai/v1/chat/completions'
    equal((await send(server.url(), { path, body: chatRequest })).body.toString(), chatAnswer)
  }
  await until(() => accepted.length === 2)
  await tap.settled()

  deepEqual(
    accepted.map(({ failure, end }) => [failure, end]),
    [
      ['capture_error', 'complete'],
      ['capture_error', 'complete'],
    ],
  )
  deepEqual([tap.inFlight(), budget.heldBytes()], [0, 0])
})
