import { lazy, type ReactNode, Suspense, useEffect } from 'react'
import { Boundary } from './parts/boundary.tsx'
import { OverviewPage } from './overview/overview-page.tsx'
import { useRoute } from './location.ts'
import { href } from './route.ts'

const candidatePage = () => import('./candidate/candidate-page.tsx')
const pairsPage = () => import('./pairs/pairs-page.tsx')
const pairPage = () => import('./pair/pair-page.tsx')
const reviewPage = () => import('./review/review-page.tsx')
const goldenPage = () => import('./golden/golden-page.tsx')
const goldenSetPage = () => import('./golden/golden-set-page.tsx')

const CandidatePage = lazy(async () => ({ default: (await candidatePage()).CandidatePage }))
const PairsPage = lazy(async () => ({ default: (await pairsPage()).PairsPage }))
const PairPage = lazy(async () => ({ default: (await pairPage()).PairPage }))
const ReviewPage = lazy(async () => ({ default: (await reviewPage()).ReviewPage }))
const GoldenPage = lazy(async () => ({ default: (await goldenPage()).GoldenPage }))
const GoldenSetPage = lazy(async () => ({ default: (await goldenSetPage()).GoldenSetPage }))

/** After the first view, so that the others are there at once, and also when the report no longer is. */
const fetchedAfterMs = 3_000

function useOtherPages(): void {
  useEffect(() => {
    const all = [candidatePage, pairsPage, pairPage, reviewPage, goldenPage, goldenSetPage]
    const later = setTimeout(() => void Promise.allSettled(all.map((fetchPage) => fetchPage())), fetchedAfterMs)
    return () => clearTimeout(later)
  }, [])
}

/** The page of the address. */
export function Page() {
  const { path, query } = useRoute()
  useOtherPages()
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
