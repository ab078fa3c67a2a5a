import { type FormEvent, useState } from 'react'
import { type ApiError, send } from './api.ts'
import { textIn } from './parts/form.ts'
import { Mark } from './parts/icons.tsx'

/** For reports with tokens: the report keeps the token's session in a cookie that no script can read. */
export function SignIn({ onSignedIn }: { onSignedIn: () => void }) {
  const [message, setMessage] = useState('')
  const [isBusy, setBusy] = useState(false)

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setBusy(true)
    const token = textIn(new FormData(event.currentTarget), 'token')
    try {
      await send('POST', '/api/v1/session', { token })
      onSignedIn()
    } catch (err) {
      const { status, message: said } = err as ApiError
      setMessage(
        status === 401 ? 'This token is not known here. It may have been revoked or cut off while copying.' : said,
      )
      setBusy(false)
    }
  }

  return (
    <main className="alone">
      <form className="card sign-in" onSubmit={(event) => void submit(event)}>
        <Mark />
        <h1>Sign in to Understudy</h1>
        <p className="soft">This report is open to those with an access token. Whoever runs it can give you one.</p>
        <label className="labelled">
          Access token
          <input className="field" name="token" type="password" required autoComplete="current-password" autoFocus />
        </label>
        {message !== '' && (
          <p role="alert" className="no_go">
            {message}
          </p>
        )}
        <button className="button main-action" type="submit" disabled={isBusy}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  )
}
