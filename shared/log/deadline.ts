import { UnderstudyError } from '../errors.ts'

/** Rejects with LOG_UNAVAILABLE when the work takes longer. The work itself goes on: its late result is ignored. */
export async function withDeadline<T>(work: Promise<T>, timeoutMs: number, message: string): Promise<T> {
  const deadline = Promise.withResolvers<never>()
  const timer = setTimeout(() => deadline.reject(new UnderstudyError('LOG_UNAVAILABLE', message)), timeoutMs)
  try {
    return await Promise.race([work, deadline.promise])
  } finally {
    clearTimeout(timer)
  }
}
