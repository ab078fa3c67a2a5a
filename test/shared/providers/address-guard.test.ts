import assert from 'node:assert/strict'
import { type LookupAddress } from 'node:dns'
import { test } from 'node:test'
import { guardedLookup, isPrivate, type Lookup, namesPrivatePlace } from '../../../shared/providers/address-guard.ts'
import { createAdapters } from '../../../shared/providers/index.ts'
import { createTransport } from '../../../shared/providers/transport.ts'
import { rule } from '../../../shared/providers/failures.ts'
import { chatCompletion, pretendProvider, sendJson } from '../../services/replay/pretend-provider.ts'

for (const address of [
  '127.0.0.1',
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '::1',
  '::',
  'fd00:ec2::254',
  'fe80::1',
  '::ffff:10.0.0.1',
  '64:ff9b::a00:1',
  '64:ff9b:1::a00:1',
  '::a00:1',
  '2001:0:a00:1::1',
  'fec0::1',
]) {
  test(`${address} is private`, () => assert.ok(isPrivate(address)))
}

for (const address of [
  '1.1.1.1',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '2001:4860:4860::8888',
  '::ffff:8.8.8.8',
]) {
  test(`${address} is public`, () => assert.ok(!isPrivate(address)))
}

test('a name that says where it is may be private; any other may not', () => {
  for (const name of ['localhost', 'vllm', '10.0.0.7', '[::1]', 'gpu.internal'])
    assert.ok(namesPrivatePlace(name), name)
  for (const name of ['api.openai.com', 'localhost.example.com', '1.1.1.1']) assert.ok(!namesPrivatePlace(name), name)
})

test('a public name with one private address among several is refused, and the address is told', () => {
  const refused: string[] = []
  const answers: LookupAddress[] = [
    { address: '93.184.216.34', family: 4 },
    { address: '169.254.169.254', family: 4 },
  ]
  const lookup = guardedLookup(
    (name) => name === 'llm.corp.example',
    (name, address) => refused.push(`${name} ${address}`),
    (_, __, callback) => callback(null, answers),
  )
  lookup('rebound.example', { all: true }, (err, found) => {
    assert.equal(err?.code, 'EADDRREFUSED')
    assert.deepEqual(found, [])
  })
  assert.deepEqual(refused, ['rebound.example 169.254.169.254'])
  lookup('llm.corp.example', { all: false }, (err, address, family) =>
    assert.deepEqual([err, address, family], [null, '93.184.216.34', 4]),
  )
})

test('a provider whose name leads to a private address is not connected to, and that is our own mistake', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, chatCompletion('Hi')))
  const { port } = new URL(provider.url)
  const refused: string[] = []
  const resolve: Lookup = (_, __, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }])
  const ask = async (privateHosts: Set<string>) => {
    const transport = createTransport({ privateHosts, onRefused: (name) => refused.push(name), resolve })
    context.after(() => transport.close())
    const access = { dialect: 'openai', baseUrl: `http://llm.example:${port}/v1`, apiKey: 'k' } as const
    const adapter = createAdapters({ one: access }, transport).get('one')!('openai-chat')
    const signal = new AbortController().signal
    return adapter.ask({ body: '{"model":"m","messages":[]}', headers: {}, timeoutMs: 2000, signal })
  }
  const reply = await ask(new Set())
  assert.equal(reply.end, 'address_refused')
  assert.deepEqual(rule(reply), { outcome: 'not_asked', notAskedReason: 'model_not_found' })
  assert.deepEqual([provider.connections, refused], [0, ['llm.example']])

  const { status, connectMs } = await ask(new Set(['llm.example']))
  assert.deepEqual([status, provider.connections], [200, 1])
  assert.ok(connectMs! >= 0)
})
