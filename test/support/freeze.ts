import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Stops a process without ending it, as `kill -STOP` does, and resolves once none of its threads runs any more: until then
 * it may still answer. Where the system tells nothing of threads (no /proc), the signal alone has to do.
 */
export async function freeze(child: ChildProcess): Promise<void> {
  child.kill('SIGSTOP')
  const folder = `/proc/${child.pid}/task`
  while (existsSync(folder) && !areAllStopped(folder)) await sleep(1)
}

function areAllStopped(folder: string): boolean {
  try {
    // proc_pid_stat(5): the state is the letter after the name, which is in parentheses and may hold any character.
    return readdirSync(folder).every((thread) =>
      /\) [TtZX] [^)]*$/.test(readFileSync(`${folder}/${thread}/stat`, 'utf8')),
    )
  } catch {
    return false // a thread ended between the listing and the reading
  }
}
