import { deepEqual, equal, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { array, assert as check, asyncProperty, constantFrom } from 'fast-check'
import { ClientConnection } from '../../../services/tap/client-connection.ts'
import { type Inbound, type InboundListener } from '../../../services/tap/inbound.ts'
import { until } from './tap-kit.ts'

/** One client and the connection that serves it. */
async function pair(context: TestContext, handle: (inbound: Inbound) => void) {
  const options = { handle, headTimeoutMs: 60_000, isClosing: () => false }
  const made = Promise.withResolvers<ClientConnection>()
  const server = createServer({ allowHalfOpen: true }, (accepted) =>
    made.resolve(new ClientConnection(accepted, options)),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  const seen = { text: '', sizeBytes: 0, end: null as 'end' | 'reset' | null }
  client.on('data', (bytes) => {
    seen.sizeBytes += bytes.length
    if (seen.text.length < 100_000) seen.text += bytes.toString('latin1')
  })
  client.on('end', () => (seen.end ??= 'end'))
  client.on('error', () => (seen.end ??= 'reset'))
  const connection = await made.promise
  context.after(() => {
    client.destroy()
    connection.socket.destroy()
    server.close()
  })
  return { client, connection, seen }
}

function listening(events: Partial<InboundListener>): InboundListener {
  const deaf = () => {}
  return {
    requestBytes: deaf,
    requestHandedOn: deaf,
    requestEnd: deaf,
    answerDrain: deaf,
    answerSent: deaf,
    clientLeft: deaf,
    ...events,
  }
}

function answer(inbound: Inbound, body: string | Buffer): void {
  inbound.start(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n`)
  inbound.write(Buffer.from(body))
  inbound.end()
}

const write = (socket: Socket, text: string) => new Promise((resolve) => socket.write(text, 'latin1', resolve))
const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
const large = Buffer.alloc(30_000_000, 'x')
const muchLater = () => performance.now() + 100_000

for (const [name, request] of Object.entries({
  'that came whole': get('/', 'Connection: close\r\n'),
  'that is still coming': 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 9\r\n\r\n',
})) {
  test(`a slow reader gets all of the last answer, to a request ${name}`, async (context) => {
    const { client, connection, seen } = await pair(context, (inbound) => answer(inbound, large))
    client.pause()

    client.write(request)
    await until(() => connection.socket.writableLength > 0)
    connection.sweep(muchLater())
    client.resume()
    await until(() => seen.end !== null, 20_000)

    equal(seen.end, 'end')
    ok(seen.sizeBytes > large.length, `${seen.sizeBytes} bytes`)
  })
}

test('a client that goes on writing after its last answer is given up in the end', async (context) => {
  const { client, connection, seen } = await pair(context, (inbound) => answer(inbound, 'ok'))

  client.write('POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 9\r\n\r\n')
  await until(() => seen.end === 'end')
  await until(() => connection.socket.writableFinished)
  equal(connection.socket.destroyed, false)
  connection.sweep(muchLater())

  equal(connection.socket.destroyed, true)
})

test('a client that has sent more than its last request reads its answer without a reset', async (context) => {
  let last: Inbound | null = null
  const { client, connection, seen } = await pair(context, (inbound) => void (last = inbound))

  // The client has written all of this before its answer; not all of it has been read.
  client.write(get('/', 'Connection: close\r\n') + get('/more').repeat(20_000))
  await until(() => last !== null && connection.socket.isPaused())
  answer(last!, 'ok')
  await until(() => seen.end !== null)

  equal(seen.end, 'end')
  ok(seen.text.endsWith('ok'), seen.text)
})

test('after a request that was refused nothing more is read, whatever it looks like', async (context) => {
  const taken: string[] = []
  const { client, connection, seen } = await pair(context, (inbound) => {
    taken.push(inbound.head.target)
    answer(inbound, large)
  })
  client.pause()

  // Answered early, then refused while that answer is still on its way out.
  await write(client, 'POST /first HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
  await until(() => connection.socket.writableLength > 0)
  await write(client, 'x\r\n')
  await sleep(20)
  await write(client, `0\r\n\r\n${get('/second')}`)
  await sleep(20)
  client.resume()
  await until(() => seen.end !== null, 20_000)

  deepEqual(taken, ['/first'])
})

test('a client that asks on and on without reading is not asked for more than its socket takes', async (context) => {
  let taken = 0
  const { client, connection } = await pair(context, (inbound) => {
    taken += 1
    answer(inbound, 'x'.repeat(1_000))
  })
  client.pause()
  const flood = get('/').repeat(1_000)

  for (let idle = 0; idle < 20;) {
    const before = taken
    client.write(flood)
    await sleep(5)
    idle = taken === before ? idle + 1 : 0
    ok(taken < 100_000, 'a hundred megabytes of answers wait')
  }

  ok(connection.socket.writableLength < 1_000_000, `${connection.socket.writableLength} bytes of answers wait`)
  const sent = client.bytesWritten + client.writableLength
  client.resume()
  await until(() => taken === sent / get('/').length, 20_000)
})

test('crumbs that come before their turn cost no more memory than a flood', async (context) => {
  const { client, connection } = await pair(context, () => {})
  client.setNoDelay(true)

  await write(client, get('/'))
  for (let i = 0; i < 2_000; i += 1) {
    await write(client, 'x')
    await nextTurn()
  }
  await until(() => connection.socket.isPaused())
})

test('an answer whose last bytes were with the system when its connection was cut is no answer that was sent', async (context) => {
  const seen: string[] = []
  const { client, connection } = await pair(context, (inbound) => {
    inbound.listener = listening({ answerSent: () => seen.push('sent'), clientLeft: () => seen.push('left') })
    inbound.start(`HTTP/1.1 200 OK\r\nContent-Length: ${2 * large.length}\r\n`)
    inbound.write(large)
    inbound.write(large)
    inbound.end()
  })
  let received = 0
  client.on('data', (bytes) => {
    received += bytes.length
    // Now the first piece has left, and the second with all that follows is on its way.
    if (received > large.length + 8_000_000) client.pause()
  })

  client.write(get('/'))
  await until(() => client.isPaused(), 20_000)
  await sleep(50)
  ok(connection.socket.writableLength > 0)
  connection.socket.destroy()
  await once(connection.socket, 'close')
  await until(() => seen.length === 1)

  deepEqual(seen, ['left'])
})

test('an answer that only closing would end does not look complete to a client that has ended its side', async (context) => {
  let left = false
  const { client, seen } = await pair(context, (inbound) => {
    inbound.listener = listening({ clientLeft: () => (left = true) })
    inbound.start('HTTP/1.1 200 OK\r\n', true)
    inbound.write(Buffer.from('begun'))
  })

  client.write(get('/'))
  await until(() => seen.text.endsWith('begun'))
  client.end()
  await until(() => seen.end !== null)

  deepEqual([seen.end, left], ['reset', true])
})

test('empty lines do not make a connection look busy', async (context) => {
  const { client, connection, seen } = await pair(context, (inbound) => answer(inbound, 'ok'))

  client.write(get('/'))
  await until(() => seen.text.endsWith('ok'))
  const answeredMs = performance.now()
  await sleep(100)
  await write(client, '\r\n\r\n')
  await sleep(50)
  connection.sweep(answeredMs + 75_050)

  equal(connection.socket.destroyed, true)
})

test('a body that stops coming after its answer is given up', async (context) => {
  const { client, connection, seen } = await pair(context, (inbound) => answer(inbound, 'ok'))

  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc')
  await until(() => seen.text.endsWith('ok'))
  connection.sweep(performance.now() + 10_000)
  equal(connection.socket.destroyed, false)
  connection.sweep(muchLater())

  equal(connection.socket.destroyed, true)
})

test('a request under way is never given up for its age, nor is one whose answer is still being read', async (context) => {
  const held: Inbound[] = []
  const { client, connection } = await pair(context, (inbound) => void held.push(inbound))
  client.pause()

  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na')
  await until(() => held.length === 1)
  connection.sweep(muchLater())
  client.write('bc')
  await sleep(20)
  connection.sweep(muchLater())
  answer(held[0]!, large)
  await until(() => connection.socket.writableLength > 0)
  connection.sweep(muchLater())

  equal(connection.socket.destroyed, false)
})

const requests = {
  get: get('/'),
  length: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  chunks: 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n0\r\n\r\n',
  expecting: 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
  old: 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  last: get('/', 'Connection: close\r\n'),
  half: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhe',
  nonsense: 'nonsense\r\n\r\n',
}
const step = constantFrom(
  ...(Object.keys(requests) as (keyof typeof requests)[]),
  ...([
    'begin',
    'end',
    'end',
    'break off',
    'large',
    'inform',
    'close after',
    'client ends',
    'sweep',
    'wait',
    'wait',
  ] as const),
)

test('whatever happens on a connection, each request is over exactly once, in turn, and nothing stays open', async (context) => {
  const property = asyncProperty(array(step, { minLength: 2, maxLength: 20 }), async (steps) => {
    const taken: Inbound[] = []
    const ends: number[] = []
    const broken = new Set<number>()
    let isInTurn = true
    const { client, connection } = await pair(context, (inbound) => {
      const id = taken.push(inbound) - 1
      ends.push(0)
      isInTurn &&= id === 0 || taken[id - 1]!.hasHead
      inbound.listener = listening({ answerSent: () => (ends[id]! += 1), clientLeft: () => (ends[id]! += 1) })
    })
    for (const name of steps) {
      const inbound = taken.at(-1)
      if (name in requests) client.write(requests[name as keyof typeof requests])
      else if (name === 'begin') inbound?.start('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n')
      else if (name === 'large') inbound?.write(large)
      else if (name === 'inform') inbound?.inform(100, 'HTTP/1.1 100 Continue\r\n')
      else if (name === 'close after') inbound?.start('HTTP/1.1 200 OK\r\n', true)
      else if (name === 'client ends') client.end()
      else if (name === 'sweep') connection.sweep(muchLater())
      else if (name === 'wait') await sleep(2)
      else if (inbound?.hasHead === true) {
        if (name === 'end') inbound.end()
        else if (ends[taken.length - 1] === 0) inbound.breakOff()
        if (name === 'break off') broken.add(taken.length - 1)
      }
    }
    client.destroy()
    await until(() => connection.socket.destroyed, 10_000)
    await sleep(2)
    ok(isInTurn, `${steps.join(', ')}: a request was taken before the one before it was answered`)
    for (const [id, count] of ends.entries()) {
      ok(count === 1 || (count === 0 && broken.has(id)), `${steps.join(', ')}: request ${id} was over ${count} times`)
    }
  })
  await check(property, { numRuns: 150 })
})
