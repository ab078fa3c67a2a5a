import { setTimeout as sleep } from 'node:timers/promises'
import { type Command } from 'commander'
import { type Config } from '../../shared/config/schema.ts'
import { type UnderstudyError } from '../../shared/errors.ts'
import { type Running, untilSignalled } from '../../shared/lifecycle.ts'
import { placeOf } from './checks/check.ts'
import { command, type CommonOptions, configOf, logLevelOption } from './command.ts'
import { type Member, startProcess } from './process.ts'
import { type Stage } from './stages.ts'

/**
 * Three processes: the tap shares its event loop with nothing; the one that owns the store also reports. Upstream first,
 * so that what is in flight drains forward when they stop in this order.
 */
export const processes: readonly (readonly Stage[])[] = [['tap'], ['replay', 'compare'], ['record', 'report']]

export type Up = Running & {
  /** Where the stages listen, once all of them are ready. */
  ready: Promise<Record<string, string>>
  /** Rejects when a process ends before all are ready. */
  failed: Promise<never>
}

/**
 * Starts all stages as child processes of this one. None waits for another: the tap serves while the log is down. Once all
 * were ready, a process that ends is started again and `onRestart` hears why: the tap must not go down with the others.
 */
export function startUp(configFile: string, logLevel: string, onRestart: (failure: UnderstudyError) => void): Up {
  const stopping = new AbortController()
  const failures = Promise.withResolvers<never>()
  failures.promise.catch(() => {})
  let isUp = false

  const keepRunning = (stages: readonly Stage[]): Member => {
    let current = startProcess(stages, configFile, logLevel)
    const { ready } = current
    const watch = async (): Promise<void> => {
      for (let waitMs = shortestWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
        const startedAtMs = performance.now()
        const failure = await current.ended
        if (stopping.signal.aborted) return
        if (!isUp) return failures.reject(failure)
        if (performance.now() - startedAtMs > longestWaitMs) waitMs = shortestWaitMs
        onRestart(failure)
        await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => {})
        if (stopping.signal.aborted) return
        current = startProcess(stages, configFile, logLevel)
      }
    }
    const ended = watch()
    const stop = async (): Promise<void> => {
      await current.stop()
      await ended
    }
    return { ready, stop }
  }

  const children = processes.map(keepRunning)
  const ready = Promise.all(children.map((child) => child.ready)).then((each): Record<string, string> => {
    isUp = true
    return Object.assign({}, ...each.map(({ urls }) => urls))
  })
  return {
    ready,
    failed: failures.promise,
    stop: async () => {
      stopping.abort()
      for (const child of children) await child.stop()
    },
  }
}

const shortestWaitMs = 1000
const longestWaitMs = 30_000

/** On standard error, for a person who looks. */
export function tellRestart({ message }: UnderstudyError): void {
  process.stderr.write(`understudy: ${message}. It is started again; the others go on\n`)
}

export function upCommand(): Command {
  const cli = command('up', 'all stages on this machine, until Ctrl-C').addOption(logLevelOption('warn'))
  return cli.action(async (options: CommonOptions & { logLevel: string }) => {
    const config = configOf(options)
    const signalled = untilSignalled()
    const up = startUp(options.config, options.logLevel, tellRestart)
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
