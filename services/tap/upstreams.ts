import { Pool } from 'undici'
import { type TapConfig } from '../../shared/config/schema.ts'
import { addressOf } from './target.ts'

export { type Pool } from 'undici'

/** One pool of HTTP/1.1 connections per upstream, which can reach no other origin. Models may think for minutes. */
export function createPools(upstreams: TapConfig['upstreams']): Map<string, Pool> {
  return new Map(
    Object.entries(upstreams).map(([name, { baseUrl }]) => [
      name,
      new Pool(addressOf(baseUrl).origin, {
        allowH2: false,
        pipelining: 1,
        headersTimeout: 0,
        bodyTimeout: 0,
        maxHeaderSize: 65_536,
      }),
    ]),
  )
}
