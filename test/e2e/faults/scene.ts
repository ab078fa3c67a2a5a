import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { chatCompletion, pretendProvider, sendJson } from '../../services/replay/pretend-provider.ts'
import { freePorts } from '../../support/understudy.ts'

export const arms = ['control', 'mini'] as const

export type Scene = { folder: string; configFile: string; tapUrl: string; storeFolder: string; spool: string }

/** A provider, a folder and a config for one log; gone after the test. */
export async function setScene(context: TestContext, log: object | null): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-faults-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const provider = await pretendProvider(context, async (response) => {
    await sleep(5 + Math.random() * 20)
    sendJson(response, 200, chatCompletion('Blue.', 'gpt-4o'))
  })
  const [tapPort, storePort, reportPort] = (await freePorts(3)) as [number, number, number]
  const [storeFolder, spool] = [join(folder, 'store'), join(folder, 'spool')]
  const limits = { concurrency: 4 }
  const config = {
    tap: {
      listen: `127.0.0.1:${tapPort}`,
      ops: false,
      upstreams: { openai: { dialect: 'openai', baseUrl: provider.url } },
      spool: { folder: spool },
    },
    log: log ?? { embedded: join(folder, 'log.db') },
    store: { embedded: storeFolder, listen: `127.0.0.1:${storePort}` },
    routes: ['rare', 'usual'].map((name) => ({ name, match: { headers: { 'x-understudy-route': name } } })),
    providers: { openai: { dialect: 'openai', baseUrl: `${provider.url}/v1`, apiKey: 'k' } },
    control: { provider: 'openai', limits },
    candidates: [{ name: 'mini', provider: 'openai', model: 'gpt-4o-mini', limits }],
    compare: { workers: 1 },
    ops: false,
    report: { listen: `127.0.0.1:${reportPort}` },
  }
  const configFile = join(folder, 'understudy.yaml')
  writeFileSync(configFile, stringify(config))
  return { folder, configFile, tapUrl: `http://127.0.0.1:${tapPort}`, storeFolder, spool }
}

export type StageName = 'tap' | 'replay' | 'compare' | 'record'
export type StageProcess = {
  /** Also resolves when it is ended. */
  ready: Promise<unknown>
  /** It has been ready. */
  isUp(): boolean
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
}

/**
 * Starts stages as processes of their own, and ends those that are left after the test. One that gives up by itself, such as when
 * the log is away as it joins, is started again, as `up` does.
 */
export function stagesOf(context: TestContext, { folder, configFile }: Scene): (stage: StageName) => StageProcess {
  const running = new Set<ChildProcess>()
  context.after(() => {
    for (const child of running) child.kill('SIGKILL')
  })
  return (stage) => {
    const ready = Promise.withResolvers<void>()
    let isUp = false
    let [isEnding, current] = [false, run()]

    function run() {
      const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') }
      const stdio = ['ignore', 'ignore', 'ignore', 'ipc'] as const
      const child = fork(new URL('stage.ts', import.meta.url), [stage, configFile], { env, stdio: [...stdio] })
      running.add(child)
      child.once('message', () => {
        isUp = true
        ready.resolve()
      })
      return { child, gone: watch(child) }
    }

    async function watch(child: ChildProcess): Promise<void> {
      await once(child, 'exit')
      running.delete(child)
      if (!isEnding) await sleep(500)
      if (!isEnding) current = run()
    }

    return {
      ready: ready.promise,
      isUp: () => isUp,
      async end(signal) {
        isEnding = true
        // One that is killed before it is ready must not be waited for.
        ready.resolve()
        current.child.kill(signal)
        await current.gone
      },
    }
  }
}

export type UpProcess = { end(signal: 'SIGKILL' | 'SIGTERM', withChildren: boolean): Promise<void> }

const program = new URL('../../../services/cli/main.ts', import.meta.url).pathname

/** The real program. Tried again while what was killed before still holds its addresses and its store. */
export async function startUp({ configFile }: Scene): Promise<UpProcess> {
  for (;;) {
    const child = spawn(process.execPath, [program, 'up', '--config', configFile], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const gone = once(child, 'exit')
    const isUp = await Promise.race([once(child.stdout, 'data').then(() => true), gone.then(() => false)])
    if (!isUp) continue
    return {
      async end(signal, withChildren) {
        const children = withChildren ? childrenOf(child.pid!) : []
        child.kill(signal)
        for (const pid of children) process.kill(pid, signal)
        await gone
      },
    }
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}
