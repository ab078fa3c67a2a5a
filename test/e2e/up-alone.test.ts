import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { demoApiKey } from '../../services/cli/demo/world.ts'
import { freePorts, setStage, startUnderstudy, until } from '../support/understudy.ts'

const main = new URL('../../services/cli/main.ts', import.meta.url).pathname

test('with the broker down, up serves the app all the same, and a signal ends it', async (context) => {
  const [nobody] = await freePorts(1)
  const stage = await setStage(1, (config) => {
    config['log'] = { kafka: { brokers: [`127.0.0.1:${nobody}`] } }
  })
  const child = spawn(process.execPath, [main, 'up', '--config', stage.configFile], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  context.after(async () => {
    child.kill('SIGKILL')
    await stage.strike()
  })

  const url = `http://127.0.0.1:${stage.ports.tap}/openai/v1/models`
  await until('the tap serves', 20_000, async () => {
    const response = await fetch(url, { headers: { authorization: `Bearer ${demoApiKey}` } }).catch(() => null)
    return response?.status === 200
  })
  child.kill('SIGTERM')

  assert.deepEqual(await ended, [0, null])
})

test('each upstream is greeted with the address that takes its place', async (context) => {
  const stage = await setStage(1)
  context.after(() => stage.strike())
  const up = await startUnderstudy('up', '--config', stage.configFile)
  const { code, stdout, stderr } = await up.stop()
  assert.equal(code, 0, stderr)
  assert.ok(
    stdout.includes(`http://127.0.0.1:${stage.ports.tap}/anthropic  in place of ${stage.world.urls.anthropic}\n`),
  )
  assert.equal(stderr, '')
})
