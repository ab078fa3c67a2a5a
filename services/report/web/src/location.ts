import { useSyncExternalStore } from 'react'
import { parseRoute, type Route } from './route.ts'

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(onHashChange, () => window.location.hash))
}

/** `replace`: no step of its own on the way back. */
export function go(to: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') window.location.hash = to
  else window.location.replace(to)
}

function onHashChange(listener: () => void): () => void {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}
