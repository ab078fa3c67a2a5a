import { useCallback, useEffect, useRef, useState } from 'react'
import { type ComparisonLine, type ComparisonPage } from '../../../../../shared/contracts/comparison-page.ts'
import { type ApiError, get } from '../api.ts'

export type Pages = {
  lines: readonly ComparisonLine[]
  /** There are more behind these. */
  hasMore: boolean
  isBusy: boolean
  error: ApiError | null
  more: () => void
  reload: () => void
}

type List = { lines: ComparisonLine[]; next: string | null; isWhole: boolean }

/** The first is what a window holds and a little more, so that it is there soon. */
const [firstPage, otherPages] = [50, 200]

/** The list that was looked at last, so that coming back from a pair finds it as it was, and a pair knows its neighbours. */
let lastSeen: { address: string; list: List } | null = null

export function neighboursOf(exchangeId: string): { previous: ComparisonLine | null; next: ComparisonLine | null } {
  const lines = lastSeen?.list.lines ?? []
  const at = lines.findIndex((line) => line.exchangeId === exchangeId)
  return at < 0 ? { previous: null, next: null } : { previous: lines[at - 1] ?? null, next: lines[at + 1] ?? null }
}

/** Comparisons as the report filters and sorts them, read on as far as somebody looks. Null: no candidate is chosen yet. */
export function usePages(address: string | null): Pages {
  const empty: List = { lines: [], next: null, isWhole: false }
  const recalled = () => (lastSeen !== null && lastSeen.address === address ? lastSeen.list : empty)
  const [state, setState] = useState<{ address: string | null; list: List; error: ApiError | null }>(() => ({
    address,
    list: recalled(),
    error: null,
  }))
  const [isBusy, setBusy] = useState(false)
  const asking = useRef<AbortController | null>(null)
  const list = state.address === address ? state.list : recalled()

  const ask = useCallback(
    async (cursor: string | null, before: readonly ComparisonLine[]) => {
      if (address === null) return
      asking.current?.abort()
      const stopping = new AbortController()
      asking.current = stopping
      setBusy(true)
      try {
        const from = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const limit = cursor === null ? firstPage : otherPages
        const page = await get<ComparisonPage>(`${address}&texts=false&limit=${limit}${from}`, stopping.signal)
        const found = { lines: [...before, ...page.comparisons], next: page.next, isWhole: page.next === null }
        lastSeen = { address, list: found }
        setState({ address, list: found, error: null })
      } catch (err) {
        if (stopping.signal.aborted) return
        setState((last) => ({ address, list: last.address === address ? last.list : empty, error: err as ApiError }))
      }
      if (asking.current === stopping) {
        asking.current = null
        setBusy(false)
      }
    },
    [address],
  )

  useEffect(() => {
    if (lastSeen?.address !== address) void ask(null, [])
    return () => asking.current?.abort()
  }, [address, ask])

  return {
    lines: list.lines,
    hasMore: !list.isWhole,
    isBusy,
    error: state.address === address ? state.error : null,
    more: () => {
      if (asking.current === null && list.next !== null) void ask(list.next, list.lines)
    },
    reload: () => void ask(null, []),
  }
}
