import { deepEqual, equal, match } from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { stringify } from 'yaml'
import { freePorts } from '../../support/understudy.ts'

const program = new URL('../../../services/cli/main.ts', import.meta.url)

test('replay and compare in one process tell their health each on its own port, and the taken port of one ends the start', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-ops-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const [replay, compare] = (await freePorts(2)) as [number, number]
  const provider = { dialect: 'openai', baseUrl: 'http://127.0.0.1:9/v1' }
  const configFile = join(folder, 'understudy.yaml')
  const config = {
    tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:9' } } },
    log: { embedded: join(folder, 'log.db') },
    providers: { openai: provider },
    control: false,
    candidates: [{ name: 'other', provider: 'openai', model: 'gpt-5-mini' }],
    ops: { replay: `127.0.0.1:${replay}`, compare: `127.0.0.1:${compare}` },
  }
  writeFileSync(configFile, stringify(config))
  const start = () => {
    const args = ['run', 'replay', 'compare', '--config', configFile, '--log-level', 'error']
    const child = fork(program, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    context.after(() => child.kill('SIGKILL'))
    return child
  }
  const child = start()
  deepEqual(await once(child, 'message').then(([{ ready }]) => ready as boolean), true)

  for (const [group, port, topic] of [
    ['replay', replay, 'exchanges'],
    ['compare', compare, 'observations'],
  ] as const) {
    const page = (name: string) => fetch(`http://127.0.0.1:${port}/${name}`)
    deepEqual(await (await page('healthz')).json(), { healthy: true, polling: true })
    equal((await page('readyz')).status, 200)
    const metrics = await (await page('metrics')).text()
    match(metrics, new RegExp(`^understudy_consumer_lag{topic="${topic}"} 0$`, 'm'))
    match(metrics, new RegExp(`^understudy_consumer_handled_total{group="${group}"} 0$`, 'm'))
  }
  const second = start()
  const [message] = (await once(second, 'message')) as [{ failed: { code: string } }]
  equal(message.failed.code, 'PORT_TAKEN')
  child.kill('SIGTERM')
  deepEqual(await once(child, 'exit'), [0, null])
})
