import { createContext, type ReactNode, use, useEffect } from 'react'
import { type Report } from '../../../../shared/contracts/report.ts'
import { type Verdict } from '../../../../shared/contracts/verdict.ts'
import { useLive } from './live.tsx'
import { type Resource, useResource } from './resource.ts'

const ReportContext = createContext<Resource<Report> | null>(null)

/** Verdicts, their evidence and the facts beside them: read once for everything that shows a part of it. */
export function useReport(): Resource<Report> {
  return use(ReportContext)!
}

const VerdictsContext = createContext<Resource<readonly Verdict[]> | null>(null)

/** The verdicts alone: over many comparisons they are here seconds before the facts beside them. */
export function useVerdicts(): Resource<readonly Verdict[]> {
  return use(VerdictsContext)!
}

/** The report answers from its memory for a while, the longer the more it has to read. */
const rememberedMs = 5_000

export function ReportProvider({ children }: { children: ReactNode }) {
  const first = useResource<{ verdicts: Verdict[] }>('/api/v1/verdicts')
  // Behind the verdicts: the store answers one question at a time, and what is beside a verdict takes longer.
  const isFirstHere = first.data !== null || first.error !== null
  const report = useResource<Report>(isFirstHere ? '/api/v1/report?format=json' : null, true)
  const { last } = useLive()
  const isBehind = last !== null && report.data !== null && (report.data.verdicts[0]?.asOf ?? '') < last.asOf
  const { data, reload } = report
  useEffect(() => {
    if (!isBehind) return undefined
    const again = setTimeout(reload, rememberedMs)
    return () => clearTimeout(again)
    // `reload` is another function each time and always does the same.
  }, [isBehind, data])
  const verdicts: Resource<readonly Verdict[]> = {
    data: data?.verdicts ?? first.data?.verdicts ?? null,
    error: report.error ?? (data === null ? first.error : null),
    isSlow: first.isSlow,
    reload: () => {
      reload()
      if (data === null) first.reload()
    },
  }
  return (
    <ReportContext value={report}>
      <VerdictsContext value={verdicts}>{children}</VerdictsContext>
    </ReportContext>
  )
}
