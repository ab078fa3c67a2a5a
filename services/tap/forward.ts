import { type Passage } from './passage.ts'
import { Relay } from './relay.ts'
import { headForUpstream } from './upstream-head.ts'
import { UpgradeRelay } from './upgrade-relay.ts'

export { type Watcher } from './passage.ts'

/**
 * One request up, one answer down, both as they flow. Nothing is buffered beyond the sockets' own buffers, nothing is
 * decoded, and each side's end is the other's: a client that leaves closes the upstream's connection, an upstream that
 * breaks off breaks the client's.
 */
export function forward(passage: Passage): void {
  const { inbound, pool, path } = passage
  const isUpgrade = inbound.asksForWebSocket
  const relay = isUpgrade ? new UpgradeRelay(passage) : new Relay(passage)
  const head = headForUpstream(inbound.head, { path, host: pool.host, isUpgrade })
  const isChunked = inbound.framing.kind === 'chunks'
  relay.follow(pool.ask({ method: inbound.head.method, head, isChunked, maySwitch: isUpgrade }, relay))
}
