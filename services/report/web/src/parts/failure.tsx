import { useEffect } from 'react'
import { type ApiError } from '../api.ts'
import { useExpire } from '../expire.ts'

/** What went wrong, what it means for whoever looks, and what they can do. Whoever is known no more is led back to the way in. */
export function Failure({ error, onRetry }: { error: ApiError; onRetry?: () => void }) {
  const expire = useExpire()
  useEffect(() => {
    if (error.status === 401) expire?.()
  }, [error, expire])
  return (
    <div className="notice bad" role="alert">
      <div>
        <h2>{titleOf(error)}</h2>
        <p className="soft">{error.message}</p>
      </div>
      {onRetry && !isFinal(error) && (
        <button className="button" type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}

/** Asking again gives the same. */
const isFinal = ({ status }: ApiError) => status === 403 || status === 404

function titleOf({ status }: ApiError): string {
  if (status === 0) return 'The report is out of reach'
  if (status === 401) return 'You are signed out'
  if (status === 403) return 'You may not see or do this'
  if (status === 404) return 'There is nothing here'
  if (status === 429) return 'Too many questions at once'
  if (status === 504) return 'That takes the store too long'
  if (status === 503) return 'The store does not answer'
  if (status >= 500) return 'The report failed to answer'
  return 'The report could not read the question'
}
