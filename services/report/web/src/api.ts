import { type ErrorAnswer } from '../../../../shared/contracts/session.ts'

/** What the report said instead of an answer. `status` 0: it did not answer at all. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

let csrfToken = ''

/** Of the session. Every write has to carry it; a read that does is told apart from an export in the audit log. */
export function setCsrfToken(token: string): void {
  csrfToken = token
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return await ask<T>(path, { headers: { 'x-understudy-csrf': csrfToken }, signal: signal ?? null })
}

export async function send<T>(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { 'x-understudy-csrf': csrfToken }
  if (body !== undefined) headers['content-type'] = 'application/json'
  return await ask<T>(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) })
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, { ...init, credentials: 'same-origin', cache: 'no-store' })
  } catch (err) {
    if (init.signal?.aborted) throw err
    throw new ApiError(0, 'UNREACHABLE', 'The report does not answer. It may be restarting, or the network is down.')
  }
  if (response.status === 204) return undefined as T
  const text = await response.text()
  const said = readJson(text, response.status)
  if (response.ok) return said as T
  const { error } = said as Partial<ErrorAnswer>
  throw new ApiError(
    response.status,
    error?.code ?? 'UNKNOWN',
    error?.message ?? `The report answered ${response.status}.`,
  )
}

function readJson(text: string, status: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError(
      status,
      'NOT_JSON',
      `Something else than the report answered (status ${status}): is there a proxy in between?`,
    )
  }
}
