import { lazy, type ReactNode, Suspense } from 'react'
import { Boundary } from './parts/boundary.tsx'
import { OverviewPage } from './overview/overview-page.tsx'
import { useRoute } from './location.ts'
import { href } from './route.ts'

const CandidatePage = lazy(async () => ({ default: (await import('./candidate/candidate-page.tsx')).CandidatePage }))
const PairsPage = lazy(async () => ({ default: (await import('./pairs/pairs-page.tsx')).PairsPage }))
const PairPage = lazy(async () => ({ default: (await import('./pair/pair-page.tsx')).PairPage }))
const ReviewPage = lazy(async () => ({ default: (await import('./review/review-page.tsx')).ReviewPage }))
const GoldenPage = lazy(async () => ({ default: (await import('./golden/golden-page.tsx')).GoldenPage }))
const GoldenSetPage = lazy(async () => ({ default: (await import('./golden/golden-set-page.tsx')).GoldenSetPage }))

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
  if (page === 'review') return <ReviewPage query={query} />
  if (page === 'golden' && name === undefined) return <GoldenPage />
  if (page === 'golden' && name !== undefined) return <GoldenSetPage name={name} />
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
