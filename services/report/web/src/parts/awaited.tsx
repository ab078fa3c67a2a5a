import { type ReactNode } from 'react'
import { type Resource } from '../resource.ts'
import { Failure } from './failure.tsx'

/** A resource while it is awaited, when it failed, and when it is here. What is here stays, with the failure above it. */
export function Awaited<T>({ resource, children }: { resource: Resource<T>; children: (data: T) => ReactNode }) {
  const { data, error, isSlow, reload } = resource
  return (
    <>
      {error !== null && <Failure error={error} onRetry={reload} />}
      {data !== null && children(data)}
      {data === null && error === null && (
        <div className="stack" aria-busy="true">
          <div className="skeleton" />
          {isSlow && (
            <p className="soft" role="status">
              This takes longer than usual: the store is still reading. It will show here by itself.
            </p>
          )}
        </div>
      )}
    </>
  )
}
