const stopsOf = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls `stop` when the signal aborts, until the function that comes back is called. One listener a signal serves all:
 * `addEventListener` looks through every listener there is, and thousands of calls in flight may share one signal.
 */
export function onAbort(signal: AbortSignal, stop: () => void): () => void {
  const stops = stopsOf.get(signal) ?? listen(signal)
  stops.add(stop)
  return () => void stops.delete(stop)
}

function listen(signal: AbortSignal): Set<() => void> {
  const stops = new Set<() => void>()
  stopsOf.set(signal, stops)
  signal.addEventListener(
    'abort',
    () => {
      stopsOf.delete(signal)
      for (const stop of stops) stop()
    },
    { once: true },
  )
  return stops
}
