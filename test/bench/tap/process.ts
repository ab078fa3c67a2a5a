import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Processor time since the start, in microseconds: of the thread that forwards, and of all threads. */
export type Cpu = { main: number; all: number }

export type Started = {
  child: ChildProcess
  /** The process that forwards. */
  pid: number
  cpu(): Cpu
  residentMiB(): number
  stop(): Promise<void>
}

export type StartOptions = { core: number; env?: Record<string, string>; ipc?: boolean }

const taskset = ['/usr/bin/taskset', '/bin/taskset'].find((path) => existsSync(path))
export const canPin = taskset !== undefined

// However the run ends, nothing stays behind.
const children: ChildProcess[] = []
process.once('exit', () => children.forEach((child) => child.kill()))

export function pinSelf(core: number): void {
  if (taskset === undefined) return
  for (const task of readdirSync('/proc/self/task')) {
    execFileSync(taskset, ['-pc', String(core), task], { stdio: 'ignore' })
  }
}

/** On the given core, where the system can pin; what the program says goes to our own error output. */
export function start(command: string[], { core, env = {}, ipc = false }: StartOptions): Started {
  const [program, ...args] = taskset === undefined ? command : [taskset, '-c', String(core), ...command]
  const child = spawn(program!, args, {
    stdio: ['ignore', ipc ? 2 : 'ignore', ipc ? 2 : 'ignore', ...(ipc ? (['ipc'] as const) : [])],
    env: { ...process.env, ...env },
  })
  children.push(child)
  return startedOf(child, () => child.pid!)
}

/** A script of this folder, which tells its URLs as soon as it is ready. */
export async function startScript(script: string, args: string[], core: number): Promise<Started & { urls: string[] }> {
  const started = start([process.execPath, new URL(script, import.meta.url).pathname, ...args], { core, ipc: true })
  const [{ urls }] = (await Promise.race([
    once(started.child, 'message'),
    once(started.child, 'exit').then(() => Promise.reject(new Error(`${script} ended before it was ready`))),
  ])) as [{ urls: string[] }]
  return { ...started, urls }
}

export function startedOf(child: ChildProcess, forwarder: () => number): Started {
  const pids = (): number[] => [...new Set([child.pid!, forwarder()])]
  return {
    child,
    get pid() {
      return forwarder()
    },
    cpu: () => ({
      main: threadCpuUs(forwarder(), forwarder()),
      all: pids().reduce((sum, pid) => sum + threadsOf(pid).reduce((own, tid) => own + threadCpuUs(pid, tid), 0), 0),
    }),
    residentMiB: () => pids().reduce((sum, pid) => sum + residentMiB(pid), 0),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      for (const pid of pids()) process.kill(pid, 'SIGKILL')
      await exited
    },
  }
}

function threadsOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map(Number)
}

/** Nanoseconds on a core from the scheduler where the kernel keeps them; else ticks of 10 ms (proc(5)). */
function threadCpuUs(pid: number, tid: number): number {
  const folder = `/proc/${pid}/task/${tid}`
  try {
    return Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0]) / 1_000
  } catch {
    return ticksUs(`${folder}/stat`)
  }
}

function ticksUs(file: string): number {
  try {
    const fields = readFileSync(file, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10_000
  } catch {
    // The thread has ended.
    return 0
  }
}

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Until it answers HTTP at all. */
export async function untilAnswers(url: string, child: ChildProcess, timeoutMs: number): Promise<void> {
  for (const deadlineMs = performance.now() + timeoutMs; ; await sleep(100)) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    if (performance.now() > deadlineMs) throw new Error(`it did not answer within ${timeoutMs / 1_000} s`)
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null)
    if (answer !== null) return
  }
}
