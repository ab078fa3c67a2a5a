import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { freePorts, setStage } from '../support/understudy.ts'

const main = new URL('../../services/cli/main.ts', import.meta.url).pathname
/** As in the container image, which has no engine. */
const hook = `import { registerHooks } from 'node:module'
registerHooks({
  resolve(name, context, next) {
    if (/^@?chdb/.test(name)) throw new Error('the engine was asked for')
    return next(name, context)
  },
})`

async function withoutEngine(...args: string[]): Promise<string> {
  const hooked = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`]
  const child = spawn(process.execPath, [...hooked, main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  return text(child.stderr)
}

test('with a ClickHouse server in the config, no command asks for the embedded engine', async (context) => {
  const [nobody] = await freePorts(1)
  const stage = await setStage(1, (config) => {
    config['store'] = { clickhouse: { url: `http://127.0.0.1:${nobody}` } }
  })
  context.after(() => stage.strike())

  for (const command of ['migrate', 'record', 'summary', 'sql SELECT', 'dead-letters list']) {
    const stderr = await withoutEngine(...command.split(' '), '--config', stage.configFile)
    assert.match(stderr, new RegExp(`understudy: .*127.0.0.1:${nobody}`), `${command}: ${stderr}`)
  }
})

test('an embedded store without its engine is one line that says what to do', async (context) => {
  const stage = await setStage(1)
  context.after(() => stage.strike())
  const stderr = await withoutEngine('migrate', '--config', stage.configFile)
  assert.match(stderr, /^understudy: the embedded ClickHouse engine cannot be loaded .* store\.clickhouse\n$/)
})
