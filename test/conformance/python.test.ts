import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { pythonWith } from '../support/python.ts'
import { place, placeSchema, question, result } from './questions.ts'
import { type Kind } from './scenarios.ts'
import { conform, type Call, type Speaker } from './suite.ts'

type Told = { id: number; got: unknown } | { id: number; error: Error | null }
type Asked = { upstream: string; surface: string; isAsync: boolean; kind: Kind }

const inFolder = (name: string) => fileURLToPath(new URL(`python/${name}`, import.meta.url))

/** A process that runs the Python clients, and asks each of them what it is told to. */
function startClients(python: string): { process: ChildProcess; ask(asked: Asked, call: Call): Promise<void> } {
  const calls = new Map<number, { call: Call } & PromiseWithResolvers<void>>()
  const child = spawn(python, [inFolder('clients.py')], {
    // Neither proxies nor keys of the shell.
    env: { PATH: process.env.PATH, PYTHONIOENCODING: 'utf-8' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  createInterface(child.stdout).on('line', (line) => {
    const told: Told = JSON.parse(line)
    const { call, resolve, reject } = calls.get(told.id)!
    if ('got' in told) call.got(told.got)
    else if (told.error === null) resolve()
    // Told as plain data, and held against what was told the other way.
    else reject(told.error)
  })
  child.on('exit', (status) => {
    for (const { reject } of calls.values()) reject(new Error(`the Python clients have ended with ${status}`))
  })
  const tell = (line: object) => void child.stdin.write(`${JSON.stringify(line)}\n`)
  return {
    process: child,
    ask(asked, call) {
      const id = calls.size
      const promise = Promise.withResolvers<void>()
      calls.set(id, { call, ...promise })
      // What JSON has no word for, the signal's state and the callback, is left out.
      tell({ id, ...asked, ...call, question, result, tool: place, schema: placeSchema })
      call.signal.addEventListener('abort', () => tell({ id, abort: true }))
      return promise.promise
    },
  }
}

const surfaces = [
  { surface: 'chat', upstream: 'openai', model: 'gpt-4o', isAsync: false },
  { surface: 'chat', upstream: 'openai', model: 'gpt-4o', isAsync: true },
  { surface: 'responses', upstream: 'openai', model: 'gpt-4o', isAsync: false },
  { surface: 'embeddings', upstream: 'openai', model: 'text-embedding-3-small', isAsync: false },
  { surface: 'messages', upstream: 'anthropic', model: 'claude-sonnet-4-5', isAsync: false },
  { surface: 'messages', upstream: 'anthropic', model: 'claude-sonnet-4-5', isAsync: true },
] as const
const talk: Kind[] = ['whole', 'stream', 'tools', 'structured', 'structured-stream']

const found = await pythonWith(inFolder('requirements.txt'))
if ('missing' in found) {
  test('the Python clients get through the tap what they get directly', { skip: found.missing }, () => {})
} else {
  const clients = startClients(found.python)
  after(async () => {
    clients.process.stdin!.end()
    if (clients.process.exitCode === null) await once(clients.process, 'exit')
  })
  for (const { surface, upstream, model, isAsync } of surfaces) {
    const kinds: Kind[] = surface === 'embeddings' ? ['embed'] : talk
    const does = (kind: Kind) => [kind, (call: Call) => clients.ask({ upstream, surface, isAsync, kind }, call)]
    conform({
      name: `${upstream} for Python, ${surface}${isAsync ? ', asynchronous' : ''}`,
      upstream,
      model,
      kinds: Object.fromEntries(kinds.map(does)) as Speaker['kinds'],
      // A call that is waiting in its own thread cannot be called off.
      lacks: isAsync ? [] : ['an abort before the answer'],
    })
  }
}
