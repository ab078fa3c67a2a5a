import { BlockList, isIPv6 } from 'node:net'
import { type AccessConfig } from '../../../shared/config/schema.ts'
import { Role } from '../../../shared/contracts/session.ts'
import { glob } from '../../../shared/glob.ts'

/** `role` null: known, and given none. */
export type Identity = { name: string; role: Role | null }

/** Whom the proxy names; null where it is not the proxy that asks, or where it names nobody. */
export type IdentityOf = (request: Asked) => Identity | null

type Asked = { rawHeaders: readonly string[]; socket: { remoteAddress?: string | undefined } }

const longestName = 200
const ofGroup = 'group:'

export function identitiesBy(proxy: Exclude<AccessConfig['proxy'], false>): IdentityOf {
  const trusted = addressesIn(proxy.from)
  const patterns = Role.options
    .toReversed()
    .map((role) => ({ role, fits: proxy.roles[role].map((name) => glob(name)) }))
  return ({ rawHeaders, socket }) => {
    const address = socket.remoteAddress
    if (address === undefined || !trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return null
    const name = valueOf(rawHeaders, proxy.header).slice(0, longestName)
    // Nobody gets a group's rights by their name.
    if (name === '' || name.startsWith(ofGroup)) return null
    const groups = proxy.groupsHeader === undefined ? '' : valueOf(rawHeaders, proxy.groupsHeader)
    const names = [name, ...groups.split(',').map((group) => `${ofGroup}${group.trim()}`)]
    const found = patterns.find(({ fits }) => fits.some((isIt) => names.some(isIt)))
    return { name, role: found?.role ?? null }
  }
}

/** A header that came twice, as where the proxy adds to what its client sent, names nobody: Node would join the two. */
function valueOf(rawHeaders: readonly string[], header: string): string {
  const name = header.toLowerCase()
  const values = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === name)
  return values.length === 1 ? values[0]!.trim() : ''
}

/** An IPv4 address is found in its IPv6 form, too. */
function addressesIn(from: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of from) {
    const [address = '', bits] = entry.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}
