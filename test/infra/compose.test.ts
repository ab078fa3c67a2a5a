import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { stages } from '../../services/cli/stages.ts'
import { loadConfig } from '../../shared/config/load.ts'

const root = new URL('../../', import.meta.url)
type Service = { command?: string[]; volumes: string[]; ports?: string[]; environment: Record<string, string> }
const compose = parse(readFileSync(new URL('docker-compose.yml', root), 'utf8'), { merge: true }) as {
  services: Record<string, Service>
}

test('every stage has its container, and each reads the config that is mounted there', () => {
  for (const stage of stages) {
    const { command, volumes } = compose.services[stage]!
    assert.equal(command![0], stage)
    const [source, target] = volumes[0]!.split(':')
    assert.ok(readFileSync(new URL(source!, root), 'utf8').length > 0)
    assert.deepEqual(command!.slice(1), ['--config', target])
  }
})

test('the mounted config is usable with the one key that its first line asks for, and names what compose starts', () => {
  const file = new URL('infra/compose/understudy.yaml', root).pathname
  // Compose hands over an empty text for a variable that is not set.
  const config = loadConfig(file, { OPENAI_API_KEY: 'a', ANTHROPIC_API_KEY: '' })

  assert.ok('kafka' in config.log && 'clickhouse' in config.store)
  assert.equal(config.log.kafka.brokers[0], 'kafka:9092')
  const { url, username, password } = config.store.clickhouse
  const clickhouse = compose.services['clickhouse']!.environment
  assert.equal(url, 'http://clickhouse:8123')
  assert.deepEqual([username, password], [clickhouse['CLICKHOUSE_USER'], clickhouse['CLICKHOUSE_PASSWORD']])
})

test('what is published listens on all addresses in its container, and on the loopback address of the host', () => {
  const config = loadConfig(new URL('infra/compose/understudy.yaml', root).pathname, { OPENAI_API_KEY: 'a' })
  for (const stage of ['tap', 'report'] as const) {
    const port = config[stage].listen.split(':')[1]
    assert.equal(config[stage].listen, `0.0.0.0:${port}`)
    assert.deepEqual(compose.services[stage]!.ports, [`127.0.0.1:${port}:${port}`])
  }
})
