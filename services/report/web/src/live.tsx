import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'
import { type Changed } from '../../../../shared/contracts/session.ts'

type Live = {
  /** `waiting`: not connected yet. `lost`: was connected; the browser tries again by itself. */
  state: 'waiting' | 'on' | 'lost'
  /** Grows whenever something that pages show may have changed. */
  changes: number
  last: Changed | null
}

const LiveContext = createContext<Live>({ state: 'waiting', changes: 0, last: null })

export const useLive = (): Live => use(LiveContext)

/** Pages ask again at most this often, however fast traffic comes in. */
const quietMs = 4_000
/** What the report has in its memory is older the longer it took to read; so again when all is quiet, and later. */
const settledMs = [6_000, 25_000, 120_000]

/** Listens to the report for as long as the page is open. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<Live['state']>('waiting')
  const [last, setLast] = useState<Changed | null>(null)
  const [changes, setChanges] = useState(0)

  useEffect(() => {
    const events = new EventSource('/api/v1/events')
    let pending: ReturnType<typeof setTimeout> | undefined
    let settling: ReturnType<typeof setTimeout>[] = []
    let toldAtMs = Date.now()
    const tell = () => {
      toldAtMs = Date.now()
      pending = undefined
      setChanges((count) => count + 1)
    }
    events.addEventListener('open', () => setState('on'))
    events.addEventListener('error', () => setState((was) => (was === 'waiting' ? was : 'lost')))
    events.addEventListener('changed', (event: MessageEvent<string>) => {
      setState('on')
      setLast(JSON.parse(event.data) as Changed)
      pending ??= setTimeout(tell, Math.max(0, toldAtMs + quietMs - Date.now()))
      for (const timer of settling) clearTimeout(timer)
      settling = settledMs.map((ms) => setTimeout(tell, ms))
    })
    return () => {
      clearTimeout(pending)
      for (const timer of settling) clearTimeout(timer)
      events.close()
    }
  }, [])

  const live = useMemo(() => ({ state, changes, last }), [state, changes, last])
  return <LiveContext value={live}>{children}</LiveContext>
}
