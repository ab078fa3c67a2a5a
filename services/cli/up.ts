import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type Command } from 'commander'
import { UnderstudyError } from '../../shared/errors.ts'
import { type Running, untilSignalled } from '../../shared/lifecycle.ts'
import { command, type CommonOptions, configOf } from './command.ts'
import { type Ready, type Stage, type StageMessage } from './stages.ts'

/** Three processes: the tap shares its event loop with nothing; the one that owns the store also reports. */
export const processes: readonly (readonly Stage[])[] = [['record', 'report'], ['replay', 'compare'], ['tap']]

export type Up = Running & {
  urls: Record<string, string>
  /** Rejects when a process ends that was not told to. */
  failed: Promise<never>
}

/** Starts all stages as three child processes of this one and waits until each is ready. */
export async function startUp(configFile: string, logLevel: 'info' | 'warn' = 'info'): Promise<Up> {
  const children: Member[] = []
  let stopping = false
  const stop = async (): Promise<void> => {
    stopping = true
    // Upstream first, so that what is in flight drains forward.
    for (const child of children.toReversed()) await child.stop()
  }
  const failures = Promise.withResolvers<never>()
  failures.promise.catch(() => {})
  try {
    const urls: Record<string, string> = {}
    for (const stages of processes) {
      const child = startProcess(stages, configFile, logLevel)
      children.push(child)
      void rejectAtEnd(child, () => !stopping, failures.reject)
      const ready = await Promise.race([child.ready, failures.promise])
      Object.assign(urls, ready.urls)
    }
    return { urls, stop, failed: failures.promise }
  } catch (err) {
    await stop()
    throw err
  }
}

async function rejectAtEnd(child: Member, isUntimely: () => boolean, reject: (err: Error) => void): Promise<void> {
  const failure = await child.ended
  if (isUntimely()) reject(failure)
}

type Member = { ready: Promise<Ready>; ended: Promise<UnderstudyError>; stop(): Promise<void> }

function startProcess(stages: readonly Stage[], configFile: string, logLevel: string): Member {
  const args = ['run', ...stages, '--config', configFile, '--log-level', logLevel]
  const child: ChildProcess = fork(new URL('./main.ts', import.meta.url), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ready = Promise.withResolvers<Ready>()
  let failure: UnderstudyError | null = null
  child.on('message', (message: StageMessage) => {
    if ('ready' in message) ready.resolve(message)
    else failure = new UnderstudyError(message.failed.code, message.failed.message)
  })
  const ended = once(child, 'exit').then(([code]) => failure ?? stageFailed(stages, code as number | null))
  return {
    ready: ready.promise,
    ended,
    stop: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
      await ended
      clearTimeout(timer)
    },
  }
}

function stageFailed(stages: readonly Stage[], code: number | null): UnderstudyError {
  const names = stages.join(' and ')
  return new UnderstudyError(
    'STAGE_FAILED',
    `the process with ${names} ended (exit code ${code ?? 'none'}): its last lines above say why. Run \`understudy doctor\` to check the parts it needs`,
  )
}

export function upCommand(): Command {
  return command('up', 'all stages on this machine').action(async (options: CommonOptions) => {
    const config = configOf(options)
    const signalled = untilSignalled()
    const up = await startUp(options.config)
    process.stdout.write(greeting(up.urls, Object.keys(config.tap.upstreams), options))
    try {
      await Promise.race([signalled, up.failed])
    } finally {
      await up.stop()
    }
  })
}

function greeting(urls: Record<string, string>, upstreams: string[], options: CommonOptions): string {
  if (options.json) return `${JSON.stringify({ ready: true, urls })}\n`
  const lines = upstreams.map(
    (upstream) => `  app base URL   ${urls['tap']}/${upstream}/…  instead of the ${upstream} upstream`,
  )
  if (urls['store'] !== undefined) lines.push(`  ClickHouse     ${urls['store']}  (read-only)`)
  lines.push(`  report         ${urls['report']}`)
  return `understudy is up\n${lines.join('\n')}\n`
}
