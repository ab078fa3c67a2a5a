import { createContext, type ReactNode, use } from 'react'
import { type Report } from '../../../../shared/contracts/report.ts'
import { type Resource, useResource } from './resource.ts'

const ReportContext = createContext<Resource<Report> | null>(null)

/** Verdicts, their evidence and the facts beside them: read once for everything that shows a part of it. */
export function useReport(): Resource<Report> {
  return use(ReportContext)!
}

export function ReportProvider({ children }: { children: ReactNode }) {
  const report = useResource<Report>('/api/v1/report?format=json', true)
  return <ReportContext value={report}>{children}</ReportContext>
}
