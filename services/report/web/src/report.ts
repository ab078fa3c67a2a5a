import { type Report } from '../../../../shared/contracts/report.ts'
import { type Resource, useResource } from './resource.ts'

/** Verdicts, their evidence and the facts beside them. */
export function useReport(): Resource<Report> {
  return useResource<Report>('/api/v1/report?format=json', true)
}
