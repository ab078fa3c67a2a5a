import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type Command } from 'commander'
import { type Config } from '../../shared/config/schema.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { type Running, untilSignalled } from '../../shared/lifecycle.ts'
import { placeOf } from './checks/check.ts'
import { command, type CommonOptions, configOf, logLevelOption } from './command.ts'
import { type Ready, type Stage, type StageMessage } from './stages.ts'

/**
 * Three processes: the tap shares its event loop with nothing; the one that owns the store also reports. Upstream first,
 * so that what is in flight drains forward when they stop in this order.
 */
export const processes: readonly (readonly Stage[])[] = [['tap'], ['replay', 'compare'], ['record', 'report']]

export type Up = Running & {
  /** Where the stages listen, once all of them are ready. */
  ready: Promise<Record<string, string>>
  /** Rejects when a process ends that was not told to. */
  failed: Promise<never>
}

/** Starts all stages as child processes of this one. None waits for another: the tap serves while the log is down. */
export function startUp(configFile: string, logLevel: string): Up {
  let stopping = false
  const failures = Promise.withResolvers<never>()
  failures.promise.catch(() => {})
  const children = processes.map((stages) => startProcess(stages, configFile, logLevel))
  for (const child of children) void rejectAtEnd(child, () => !stopping, failures.reject)
  return {
    ready: Promise.all(children.map((child) => child.ready)).then((each) =>
      Object.assign({}, ...each.map(({ urls }) => urls)),
    ),
    failed: failures.promise,
    stop: async () => {
      stopping = true
      for (const child of children) await child.stop()
    },
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
  const ended = once(child, 'exit').then(
    ([code, signal]) => failure ?? stageFailed(stages, code as number | null, signal as string | null),
  )
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

function stageFailed(stages: readonly Stage[], code: number | null, signal: string | null): UnderstudyError {
  const how = signal === null ? `ended with exit code ${code}` : `was ended from outside (${signal})`
  return new UnderstudyError(
    'STAGE_FAILED',
    `the process of ${stages.join(' and ')} ${how}, so the others were stopped too. Lines above may say why; ` +
      '`understudy doctor` checks the parts it needs',
  )
}

export function upCommand(): Command {
  const cli = command('up', 'all stages on this machine, until Ctrl-C').addOption(logLevelOption('warn'))
  return cli.action(async (options: CommonOptions & { logLevel: string }) => {
    const config = configOf(options)
    const signalled = untilSignalled()
    const up = startUp(options.config, options.logLevel)
    try {
      const urls = await Promise.race([up.ready, up.failed, signalled.then(() => null)])
      if (urls === null) return
      process.stdout.write(greeting(urls, config.tap.upstreams, options))
      await Promise.race([signalled, up.failed])
    } finally {
      await up.stop()
    }
  })
}

function greeting(urls: Record<string, string>, upstreams: Config['tap']['upstreams'], options: CommonOptions): string {
  if (options.json) return `${JSON.stringify({ ready: true, urls })}\n`
  const bases = Object.entries(upstreams).map(
    ([name, { baseUrl }]) => [`${urls['tap']}/${name}`, placeOf(baseUrl)] as const,
  )
  const width = Math.max(...bases.map(([url]) => url.length))
  const lines = bases.map(([url, place]) => `  in the app     ${url.padEnd(width)}  in place of ${place}`)
  if (urls['store'] !== undefined) lines.push(`  ClickHouse     ${urls['store']}  (read-only)`)
  lines.push(`  report         ${urls['report']}`, '  Ctrl-C         ends it')
  return `understudy is up\n${lines.join('\n')}\n`
}
