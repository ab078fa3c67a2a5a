import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIP } from 'node:net'

export const addressRefused = 'EADDRREFUSED'

/** Not on the public internet: private, loopback, link-local (cloud metadata among them), shared, and unspecified. */
const privateAddresses = new BlockList()
const ranges: [string, number, 'ipv4' | 'ipv6'][] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  // IPv4-compatible addresses, NAT64, Teredo and 6to4 carry an IPv4 address that nobody checked.
  ['::', 96, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2001::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fec0::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
]
for (const [network, bits, family] of ranges) privateAddresses.addSubnet(network, bits, family)

export function isPrivate(address: string): boolean {
  // BlockList reads an IPv4 address inside an IPv6 one (::ffff:10.0.0.1) as what it is.
  return privateAddresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** Does the name itself say that it is on this machine or network? Then whoever wrote it meant that. */
export function namesPrivatePlace(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (isIP(name) !== 0) return isPrivate(name)
  return !name.includes('.') || /\.(localhost|local|internal)$/.test(name)
}

type Callback = (err: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void
export type Lookup = (hostname: string, options: LookupOptions, callback: Callback) => void

/**
 * A lookup for sockets: what it gives is what is connected to, so a name cannot be checked as one address and used as
 * another. One private address among several refuses the name.
 */
export function guardedLookup(
  mayBePrivate: (hostname: string) => boolean,
  onRefused: (hostname: string, address: string) => void,
  resolve: Lookup = systemLookup,
): Lookup {
  return (hostname, options, callback) =>
    resolve(hostname, { ...options, all: true }, (err, found) => {
      if (err !== null) return callback(err, [])
      const addresses = found as LookupAddress[]
      const refused = mayBePrivate(hostname) ? undefined : addresses.find(({ address }) => isPrivate(address))
      if (refused !== undefined) {
        onRefused(hostname, refused.address)
        return callback(Object.assign(new Error('private address refused'), { code: addressRefused }), [])
      }
      if (options.all === true) return callback(null, addresses)
      callback(null, addresses[0]!.address, addresses[0]!.family)
    })
}
