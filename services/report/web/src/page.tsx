import { lazy, type ReactNode, Suspense } from 'react'
import { Boundary } from './parts/boundary.tsx'
import { OverviewPage } from './overview/overview-page.tsx'
import { href, useRoute } from './route.ts'

const CandidatePage = lazy(async () => ({ default: (await import('./candidate/candidate-page.tsx')).CandidatePage }))
const PairsPage = lazy(async () => ({ default: (await import('./pairs/pairs-page.tsx')).PairsPage }))
const PairPage = lazy(async () => ({ default: (await import('./pair/pair-page.tsx')).PairPage }))

/** The page of the address. */
export function Page() {
  const { path, query } = useRoute()
  return (
    <Boundary key={path.slice(0, 2).join('/')}>
      <Suspense fallback={<div className="skeleton" aria-busy="true" />}>{pageOf(path, query)}</Suspense>
    </Boundary>
  )
}

function pageOf([page, name]: readonly string[], query: URLSearchParams): ReactNode {
  if (page === undefined) return <OverviewPage />
  if (page === 'candidates' && name !== undefined) return <CandidatePage name={name} />
  if (page === 'pairs' && name === undefined) return <PairsPage query={query} />
  if (page === 'pairs' && name !== undefined) return <PairPage exchangeId={name} query={query} />
  return (
    <div className="notice">
      <div>
        <h2>There is no such page</h2>
        <p className="soft">
          The address may be cut off. <a href={href([])}>Start at the overview</a>.
        </p>
      </div>
    </div>
  )
}
