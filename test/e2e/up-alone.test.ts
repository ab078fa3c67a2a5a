import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
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

test('a process that is killed is started again, and the tap serves all the while', async (context) => {
  const stage = await setStage(1)
  context.after(() => stage.strike())
  const up = await startUnderstudy('up', '--config', stage.configFile)
  const replay = () => spawnSync('pgrep', ['-P', String(up.child.pid), '-f', 'run replay'], { encoding: 'utf8' }).stdout
  const killed = replay()

  process.kill(Number(killed), 'SIGKILL')
  const answer = await fetch(`http://127.0.0.1:${stage.ports.tap}/openai/v1/models`, {
    headers: { authorization: `Bearer ${demoApiKey}` },
  })
  assert.equal(answer.status, 200)
  await until('another replay runs', 20_000, async () => !['', killed].includes(replay()))

  const { code, stderr } = await up.stop()
  assert.equal(code, 0, stderr)
  assert.match(stderr, /^understudy: the process of replay and compare was ended from outside \(SIGKILL\).*\n$/)
})
