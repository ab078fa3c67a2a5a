import { UnderstudyError } from '../errors.ts'

/** Where a request goes, and with which headers (names in lower case). */
export type RequestHead = { origin: string; path: string; headers: Record<string, string> }

/** An SDK's request that is never sent: given to an SDK as its `fetch`, it answers with the head the SDK wrote. */
export const writeDown = ((url: string | URL, { headers }: RequestInit): Promise<Response> => {
  const { origin, pathname, search } = new URL(url)
  const head: RequestHead = {
    origin,
    path: pathname + search,
    headers: { ...Object.fromEntries(new Headers(headers)), 'accept-encoding': 'gzip, deflate, br' },
  }
  return Promise.resolve(Response.json(head))
}) as typeof globalThis.fetch

/**
 * The head of an SDK's calls, by their timeout. Nothing else in it changes from call to call, and to have it written anew
 * for each would cost more than all the rest of sending.
 */
export function headOf(post: (timeoutMs: number) => Promise<Response>): (timeoutMs: number) => Promise<RequestHead> {
  const heads = new Map<number, Promise<RequestHead>>()
  return (timeoutMs) => {
    const known = heads.get(timeoutMs)
    if (known !== undefined) return known
    const head = post(timeoutMs).then((written) => written.json() as Promise<RequestHead>, unusable)
    heads.set(timeoutMs, head)
    return head
  }
}

function unusable(cause: unknown): never {
  throw new UnderstudyError(
    'CONFIG_INVALID',
    'No request can be made with the baseUrl and apiKey of a provider: correct them under providers.',
    { cause },
  )
}
