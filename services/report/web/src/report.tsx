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
  const report = useResource<Report>('/api/v1/report?format=json', true)
  const { last } = useLive()
  const isBehind = last !== null && report.data !== null && (report.data.verdicts[0]?.asOf ?? '') < last.asOf
  const { data, reload } = report
  useEffect(() => {
    if (!isBehind) return undefined
    const again = setTimeout(reload, rememberedMs)
    return () => clearTimeout(again)
    // `reload` is another function each time and always does the same.
  }, [isBehind, data])
  const first = useResource<{ verdicts: Verdict[] }>(data === null ? '/api/v1/verdicts' : null)
  const verdicts: Resource<readonly Verdict[]> = {
    data: data?.verdicts ?? first.data?.verdicts ?? null,
    error: report.error ?? first.error,
    isSlow: first.isSlow,
    reload: () => {
      reload()
      first.reload()
    },
  }
  return (
    <ReportContext value={report}>
      <VerdictsContext value={verdicts}>{children}</VerdictsContext>
    </ReportContext>
  )
}
