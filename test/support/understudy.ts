import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse, stringify } from 'yaml'
import { demoConfig } from '../../services/cli/demo/config.ts'
import { type DemoExchange, demoExchanges } from '../../services/cli/demo/traffic.ts'
import { startPretendProviders, type World } from '../../services/cli/demo/world.ts'

const main = new URL('../../services/cli/main.ts', import.meta.url).pathname

export type Finished = { code: number | null; stdout: string; stderr: string }

/** Runs one command of the real program to its end. */
export async function understudy(...args: string[]): Promise<Finished> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: code as number | null, stdout, stderr }
}

export type Stage = {
  exchanges: DemoExchange[]
  world: World
  folder: string
  configFile: string
  ports: { tap: number; store: number; report: number }
}

/**
 * Pretend providers, a folder and a config on free ports. `change` edits the config before it is written; `more` is known to the
 * models beside what the demo's app asks.
 */
export async function setStage(
  count: number,
  change: (config: Record<string, unknown>) => void = () => {},
  more: readonly DemoExchange[] = [],
): Promise<Stage & { strike(): Promise<void> }> {
  const exchanges = [...demoExchanges({ count, seed: 7 }), ...more]
  const world = await startPretendProviders({ exchanges, seed: 7 })
  const folder = mkdtempSync(join(tmpdir(), 'understudy-e2e-'))
  const [tap, store, report] = (await freePorts(3)) as [number, number, number]
  const ports = { tap, store, report }
  const config = parse(demoConfig({ folder, providerUrls: world.urls, ports })) as Record<string, unknown>
  change(config)
  const configFile = join(folder, 'understudy.yaml')
  writeFileSync(configFile, stringify(config))
  const strike = async (): Promise<void> => {
    await world.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { exchanges, world, folder, configFile, ports, strike }
}

/** A long-running command of the real program, ready when its greeting is on standard output. */
export async function startUnderstudy(...args: string[]): Promise<{ child: ChildProcess; stop(): Promise<Finished> }> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (piece) => (stdout += String(piece)))
  child.stderr.on('data', (piece) => (stderr += String(piece)))
  const ended = once(child, 'exit')
  const finished = async (): Promise<Finished> => ({ code: ((await ended) as [number | null])[0], stdout, stderr })
  await Promise.race([
    once(child.stdout, 'data'),
    finished().then(({ code }) => {
      throw new Error(`understudy ${args.join(' ')} ended with code ${code}:\n${stderr}`)
    }),
  ])
  return {
    child,
    stop: () => {
      child.kill('SIGTERM')
      return finished()
    },
  }
}

export async function until(what: string, timeoutMs: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`)
    await sleep(200)
  }
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
