import { type Config } from '../config/schema.ts'
import { type Logger } from '../logger.ts'
import { createTransport, type Transport, type TransportOptions } from './transport.ts'

/** A stage's connections to the providers of the config. An address that is refused is told, with its cure. */
export function openTransport(config: Pick<Config, 'providers'>, logger: Logger): Transport {
  return createTransport(guardOf(config, logger))
}

export function guardOf(config: Pick<Config, 'providers'>, logger: Logger): TransportOptions {
  return {
    privateHosts: privateHostsOf(config),
    onRefused: (hostname, address) =>
      logger.error(
        { hostname, address },
        'the name of a provider resolves to a private address and is not connected to: if that is meant, set privateNetwork: true on the provider',
      ),
  }
}

export function privateHostsOf({ providers }: Pick<Config, 'providers'>): ReadonlySet<string> {
  const open = Object.values(providers).filter(({ privateNetwork }) => privateNetwork)
  return new Set(open.map(({ baseUrl }) => new URL(baseUrl).hostname))
}
