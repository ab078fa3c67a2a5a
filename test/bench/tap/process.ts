import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'

export type Target = { url: string; pid: number; cpuUs(): Cpu; stop(): Promise<void> }
/** Processor time since the start: of the thread that runs the event loop, and of all threads. Microseconds. */
export type Cpu = { main: number; all: number }

/** Starts a script of this folder that reports its URL, on the given core where the system can pin. */
export async function start(script: string, args: string[], core: number): Promise<Target> {
  const child: ChildProcess = fork(new URL(script, import.meta.url), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  const pid = child.pid!
  pin(pid, core)
  return {
    url,
    pid,
    cpuUs: () => ({ main: cpuOf(`/proc/${pid}/task/${pid}/stat`), all: cpuOf(`/proc/${pid}/stat`) }),
    stop: async () => {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

export function pin(pid: number, core: number): void {
  for (const task of readdirSync(`/proc/${pid}/task`))
    execFileSync('taskset', ['-pc', String(core), task], { stdio: 'ignore' })
}

/** utime + stime (proc(5)), in ticks of 10 ms on Linux. */
function cpuOf(file: string): number {
  const fields = readFileSync(file, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

export function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
}
