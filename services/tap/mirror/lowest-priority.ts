import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { basename } from 'node:path'

/**
 * Lets every other thread of the machine run before the one that calls this, and before those it starts from then on: on
 * Linux, where a priority belongs to a thread. Elsewhere nothing happens.
 */
export function takeLowestPriority(): void {
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), constants.priority.PRIORITY_LOW)
  } catch {
    // Without it the mirror competes with the answers for the processor, and is right all the same.
  }
}
