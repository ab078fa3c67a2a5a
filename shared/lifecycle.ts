/** What a started stage gives back. `stop` finishes what is in hand and is safe to call twice. */
export type Running = { stop(): Promise<void> }

/** Resolves with the signal's name on SIGTERM or SIGINT, or when the parent process goes away (IPC channel closed). */
export function untilSignalled(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
    process.once('disconnect', () => resolve('disconnect'))
  })
}
