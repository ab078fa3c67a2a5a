import { setTimeout as sleep } from 'node:timers/promises'
import { type Changed } from '../../../shared/contracts/session.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type Running } from '../../../shared/lifecycle.ts'
import { type Logger } from '../../../shared/logger.ts'

export type Counts = Pick<Changed, 'exchanges' | 'comparisons'>

export type ChangesContext = {
  counts: () => Promise<Counts>
  /** What the verdicts are now; may be some seconds old. */
  verdicts: () => Promise<Changed['verdicts']>
  logger: Logger
  intervalMs?: number
  /** Verdicts move by time alone, too: conversations fall silent. */
  verdictsEveryMs?: number
  mostListeners?: number
}

export type Listener = {
  changed: (change: Changed) => void
  /** Called at every look, whatever it finds. */
  looked: () => void
}

export type Changes = Running & {
  /** Tells what is known at once, and every change. Gives back what ends it. LISTENERS_FULL. */
  listen(listener: Listener): () => void
}

/** Looks whether something has changed, once for all who listen, and only while somebody does. */
export function createChanges(context: ChangesContext): Changes {
  const { counts, verdicts, logger, intervalMs = 2_000, verdictsEveryMs = 60_000, mostListeners = 100 } = context
  const listeners = new Set<Listener>()
  const stopping = new AbortController()
  let last: Changed | null = null
  let verdictsAtMs = -Infinity
  let isFailing = false
  let running: Promise<void> | null = null

  async function look(): Promise<void> {
    const seen = await counts()
    const isSame = last !== null && seen.exchanges === last.exchanges && seen.comparisons === last.comparisons
    const isFresh = performance.now() - verdictsAtMs < verdictsEveryMs
    if (isSame && isFresh) return
    const drawn = await verdicts()
    verdictsAtMs = performance.now()
    if (isSame && JSON.stringify(drawn) === JSON.stringify(last!.verdicts)) return
    last = { version: 1, asOf: new Date().toISOString(), ...seen, verdicts: drawn }
    for (const { changed } of listeners) changed(last)
  }

  async function run(): Promise<void> {
    while (listeners.size > 0 && !stopping.signal.aborted) {
      try {
        await look()
        isFailing = false
      } catch (err) {
        // Told once: the store may be away for as long as the page is open.
        if (!isFailing) logger.warn({ err }, 'the dashboard is not told of changes until the store answers')
        isFailing = true
      }
      for (const { looked } of listeners) looked()
      await sleep(intervalMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  return {
    listen(listener) {
      if (listeners.size >= mostListeners)
        throw new UnderstudyError(
          'LISTENERS_FULL',
          `${mostListeners} pages listen already: close some, or ask again and again instead`,
        )
      listeners.add(listener)
      if (last !== null) listener.changed(last)
      running ??= run().finally(() => (running = null))
      return () => void listeners.delete(listener)
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}
