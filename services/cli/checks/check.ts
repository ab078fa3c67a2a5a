/** One thing the doctor looked at. `cure` says what to do where it is not ok. */
export type Check = { name: string; state: 'ok' | 'warn' | 'fail'; detail: string; cure: string | null }

export function ok(name: string, detail: string): Check {
  return { name, state: 'ok', detail, cure: null }
}

export function warn(name: string, detail: string, cure: string): Check {
  return { name, state: 'warn', detail, cure }
}

export function fail(name: string, detail: string, cure: string): Check {
  return { name, state: 'fail', detail, cure }
}

/** Why a connection failed, as the system says it: `ECONNREFUSED`. */
export function reasonOf(err: unknown): string {
  const { name, code, cause, message } = err as Error & { code?: string }
  if (name === 'TimeoutError') return 'no answer in time'
  if (typeof code === 'string') return code
  return cause === undefined ? message : reasonOf(cause)
}

/** Without what a URL may hold in front of the host. */
export function placeOf(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname.replace(/\/$/, '')
}
