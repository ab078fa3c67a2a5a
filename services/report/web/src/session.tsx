import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'
import { type Role, type Session } from '../../../../shared/contracts/session.ts'
import { type ApiError, get, send, setCsrfToken } from './api.ts'
import { ExpireContext } from './expire.ts'
import { Failure } from './parts/failure.tsx'
import { SignIn } from './sign-in.tsx'

type SessionState = { session: Session; signOut: () => void; expire: () => void }

const SessionContext = createContext<SessionState | null>(null)

export function useSession(): SessionState {
  return use(SessionContext)!
}

const ranks: Record<Role, number> = { viewer: 0, reviewer: 1, admin: 2 }

/** Whether whoever looks may do what needs `role`. The report decides anew at every write. */
export function useMay(role: Role): boolean {
  return ranks[useSession().session.role] >= ranks[role]
}

/** Shows `children` to whoever is known, and a way in to everybody else. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, setSession] = useState<Session | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  const [asked, setAsked] = useState(0)

  useEffect(() => {
    const stopping = new AbortController()
    const ask = async () => {
      try {
        const found = await get<Session>('/api/v1/session', stopping.signal)
        setCsrfToken(found.csrfToken)
        setSession(found)
        setError(null)
      } catch (err) {
        if (!stopping.signal.aborted) setError(err as ApiError)
      }
    }
    void ask()
    return () => stopping.abort()
  }, [asked])

  const again = () => setAsked((times) => times + 1)
  const state = useMemo(
    () =>
      session && {
        session,
        signOut: () => void send('DELETE', '/api/v1/session').finally(() => window.location.reload()),
        expire: () => {
          setSession(null)
          again()
        },
      },
    [session],
  )

  if (state !== null) {
    return (
      <SessionContext value={state}>
        <ExpireContext value={state.expire}>{children}</ExpireContext>
      </SessionContext>
    )
  }
  if (error?.status === 401) return <SignIn onSignedIn={again} />
  if (error !== null) {
    return (
      <main className="alone">
        <Failure error={error} onRetry={again} />
      </main>
    )
  }
  return <main className="alone" aria-busy="true" />
}
