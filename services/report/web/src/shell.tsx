import { type ReactNode, useEffect, useRef } from 'react'
import { count } from '../../words.ts'
import { useLive } from './live.tsx'
import { VerdictIcon } from './parts/badge.tsx'
import { GoldenIcon, Mark, OverviewIcon, PairsIcon, ReviewIcon } from './parts/icons.tsx'
import { useVerdicts } from './report.tsx'
import { useRoute } from './location.ts'
import { href } from './route.ts'
import { useSession } from './session.tsx'

const pages = [
  { path: [], title: 'Overview', Icon: OverviewIcon },
  { path: ['pairs'], title: 'Pairs', Icon: PairsIcon },
  { path: ['review'], title: 'Review', Icon: ReviewIcon },
  { path: ['golden'], title: 'Golden sets', Icon: GoldenIcon },
] as const

export function Shell({ children }: { children: ReactNode }) {
  const { path } = useRoute()
  const main = useRef<HTMLElement>(null)
  const where = path.join('/')
  useEffect(() => {
    window.scrollTo(0, 0)
  }, [where])

  return (
    <div className="shell">
      <button className="skip" type="button" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header className="side">
        <a className="brand" href={href([])}>
          <Mark /> Understudy
        </a>
        <nav aria-label="Pages">
          <ul className="nav">
            {pages.map(({ path: to, title, Icon }) => (
              <li key={title}>
                <a href={href(to)} aria-current={(path[0] ?? '') === (to[0] ?? '') ? 'page' : undefined}>
                  <Icon /> {title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <Candidates current={path[0] === 'candidates' ? path[1] : undefined} />
        <Foot />
      </header>
      <main className="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  )
}

function Candidates({ current }: { current: string | undefined }) {
  const { data: verdicts } = useVerdicts()
  if (verdicts === null || verdicts.length === 0) return null
  return (
    <nav className="nav-candidates" aria-label="Candidates">
      <div className="nav-title">Candidates</div>
      <ul className="nav">
        {verdicts.map(({ candidate, verdict }) => (
          <li key={candidate}>
            <a href={href(['candidates', candidate])} aria-current={candidate === current ? 'page' : undefined}>
              <span className={`nav-icon ${verdict}`}>
                <VerdictIcon verdict={verdict} />
              </span>
              <span className="grow">{candidate}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

const liveWords = { waiting: 'Connecting…', on: 'Live', lost: 'Connection lost, trying again' }

function Foot() {
  const { state, last } = useLive()
  const { session, signOut } = useSession()
  return (
    <div className="side-foot">
      <span className={`live ${state === 'on' ? 'on' : state === 'lost' ? 'off' : ''}`} role="status">
        <i /> {liveWords[state]}
      </span>
      {last !== null && <span>{count(last.comparisons)} pairs compared</span>}
      <span title={session.actor}>
        {session.actor.replace(/^(token|header):/, '')} · {session.role}
      </span>
      <span>
        <a href="/report">Report to print</a>
        {session.canSignOut && (
          <>
            {' · '}
            <button className="link" type="button" onClick={signOut}>
              Sign out
            </button>
          </>
        )}
      </span>
    </div>
  )
}
