import { type Config } from '../../shared/config/schema.ts'
import { type Setup } from '../../shared/contracts/setup.ts'

/** What someone has to know to send the first request. Keys and paths of the config stay in it. */
export function setupOf({ tap: { listen, upstreams } }: Pick<Config, 'tap'>): Setup {
  const colon = listen.lastIndexOf(':')
  const [host, port] = [listen.slice(0, colon), Number(listen.slice(colon + 1))]
  return {
    version: 1,
    upstreams: Object.entries(upstreams).map(([name, { dialect, baseUrl }]) => ({
      name,
      dialect,
      provider: new URL(baseUrl).host,
      host,
      port,
    })),
  }
}
