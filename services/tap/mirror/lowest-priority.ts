import { execFileSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { basename } from 'node:path'

/**
 * Lets every other thread of the machine run before the one that calls this, and before those it starts from then on: on
 * Linux, where a priority belongs to a thread. Elsewhere nothing happens.
 *
 * At nice 19 a thread still keeps the processor for its slice, a millisecond or more, while an answer waits for it; under
 * SCHED_IDLE (sched(7)) it gives way at once. Node cannot set that; util-linux's `chrt` can, where it is there.
 */
export function takeLowestPriority(): void {
  try {
    const thread = basename(readlinkSync('/proc/thread-self'))
    setPriority(Number(thread), constants.priority.PRIORITY_LOW)
    execFileSync('chrt', ['--idle', '--pid', '0', thread], { stdio: 'ignore', timeout: 1_000 })
  } catch {
    // Without it the mirror competes with the answers for the processor, and is right all the same.
  }
}
