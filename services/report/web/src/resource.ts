import { useEffect, useState } from 'react'
import { get, type ApiError } from './api.ts'
import { useLive } from './live.tsx'

export type Resource<T> = {
  /** The last answer; stays while it is asked for again, and when that fails. */
  data: T | null
  error: ApiError | null
  /** The first answer is not here yet, and has been waited for longer than a moment. */
  isSlow: boolean
  reload: () => void
}

const slowAfterMs = 3_000

/** What was seen last, so that going back shows it at once. */
const seen = new Map<string, unknown>()
const mostSeen = 60

/** Asks for `path`, and again whenever the store has changed where `isLive`. Null: asks for nothing. */
export function useResource<T>(path: string | null, isLive = false): Resource<T> {
  const { changes } = useLive()
  const [asked, setAsked] = useState(0)
  const [state, setState] = useState<{ path: string | null; data: T | null; error: ApiError | null }>(() => ({
    path,
    data: recall(path) as T | null,
    error: null,
  }))
  const [isSlow, setSlow] = useState(false)
  const tick = isLive ? changes : 0

  useEffect(() => {
    if (path === null) return undefined
    const stopping = new AbortController()
    const slow = setTimeout(() => setSlow(true), slowAfterMs)
    const ask = async () => {
      try {
        const data = await get<T>(path, stopping.signal)
        remember(path, data)
        setState({ path, data, error: null })
      } catch (err) {
        if (stopping.signal.aborted) return
        setState((last) => ({
          path,
          data: last.path === path ? last.data : (recall(path) as T | null),
          error: err as ApiError,
        }))
      }
      clearTimeout(slow)
      setSlow(false)
    }
    void ask()
    return () => {
      clearTimeout(slow)
      stopping.abort()
    }
  }, [path, asked, tick])

  const isCurrent = state.path === path
  return {
    data: isCurrent ? state.data : (recall(path) as T | null),
    error: isCurrent ? state.error : null,
    isSlow,
    reload: () => setAsked((times) => times + 1),
  }
}

function recall(path: string | null): unknown {
  return path === null ? null : (seen.get(path) ?? null)
}

function remember(path: string, data: unknown): void {
  seen.delete(path)
  seen.set(path, data)
  if (seen.size > mostSeen) seen.delete(seen.keys().next().value!)
}
