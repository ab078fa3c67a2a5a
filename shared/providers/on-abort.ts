/**
 * In a ring, in the order they came; whoever leaves refers to nobody any more. Not in a `Set`: each table that a `Set` has
 * outgrown refers to the next one. Once one of them is old, all later ones and what stood in them outlive every collection
 * of young garbage, though nobody waits there any more, and make it take ten times as long.
 */
type Waiting = { stop: () => void; before: Waiting; after: Waiting }

const ringsOf = new WeakMap<AbortSignal, Waiting>()

/**
 * Calls `stop` when the signal aborts, until the function that comes back is called. One listener a signal serves all:
 * `addEventListener` looks through every listener there is, and thousands of calls in flight may share one signal.
 */
export function onAbort(signal: AbortSignal, stop: () => void): () => void {
  const ring = ringsOf.get(signal) ?? listen(signal)
  const waiting: Waiting = { stop, before: ring.before, after: ring }
  waiting.before.after = waiting
  ring.before = waiting
  return () => leave(waiting)
}

function leave(waiting: Waiting): void {
  waiting.before.after = waiting.after
  waiting.after.before = waiting.before
  waiting.before = waiting
  waiting.after = waiting
}

function listen(signal: AbortSignal): Waiting {
  const ring = { stop: () => {} } as Waiting
  ring.before = ring
  ring.after = ring
  ringsOf.set(signal, ring)
  signal.addEventListener(
    'abort',
    () => {
      ringsOf.delete(signal)
      while (ring.after !== ring) {
        const { after: first } = ring
        leave(first)
        first.stop()
      }
    },
    { once: true },
  )
  return ring
}
