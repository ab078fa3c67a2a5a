import { isIP } from 'node:net'

export const openToAll =
  'other machines can reach it, and nothing says who may come in: add report.access.tokens or report.access.proxy; where something else keeps strangers out, report.access.anyone: viewer'

/** Can only this machine reach what listens on `host:port`? */
export function isLoopback(listen: string): boolean {
  const host = listen
    .slice(0, listen.lastIndexOf(':'))
    .replace(/^\[|\]$/g, '')
    .toLowerCase()
  return isIP(host) === 4 ? host.startsWith('127.') : host === 'localhost' || host === '::1'
}
