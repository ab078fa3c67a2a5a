import { setTimeout as sleep } from 'node:timers/promises'
import { type Totals } from '../../../services/tap/ledger.ts'
import { load } from './load.ts'
import { type Cpu, type Started } from './process.ts'
import { type Sample } from './results.ts'
import { quantile } from './statistics.ts'
import { type Target } from './targets.ts'
import { requestOf, type RequestOptions } from './wire.ts'

/** A target, and what it is asked. */
export type Subject = {
  name: string
  target: Target
  request?: RequestOptions
  /** The body that must come back; null where the target may write it anew. */
  expected: Buffer | null
}

export type Asked = { connections: number; seconds: number; ratePerSecond?: number }

/** One subject, one round. `provider` shares the clients' core, so that core's load tells whether they were the limit. */
export async function measureExchanges(subject: Subject, provider: Started, asked: Asked): Promise<Sample> {
  const { target, expected } = subject
  const request = requestOf(mergedRequest(subject))
  const [before, clientsBefore, ledgerBefore] = [target.started.cpu(), clientsUs(provider), await target.totals?.()]
  const { exchanges, seconds, latenciesUs, failed, altered } = await load(target.url, { ...asked, request, expected })
  const [clientsAfter, ledgerAtEnd] = [clientsUs(provider), await target.totals?.()]
  // What the mirror still has in hand belongs to these exchanges.
  const ledgerAfter = await mirrorSettled(target)
  const after = await settled(target.started)
  return {
    exchanges,
    seconds,
    rps: exchanges / seconds,
    p50Us: quantile(latenciesUs, 0.5),
    p99Us: quantile(latenciesUs, 0.99),
    mainUs: (after.main - before.main) / exchanges,
    allUs: (after.all - before.all) / exchanges,
    clientShare: (clientsAfter - clientsBefore) / (seconds * 1_000_000),
    failed,
    altered,
    ...(asked.ratePerSecond === undefined ? {} : { offered: asked.ratePerSecond * asked.seconds }),
    ...(ledgerBefore === undefined ? {} : mirrored(ledgerBefore, ledgerAtEnd!, ledgerAfter!, exchanges)),
  }
}

export function mergedRequest({ target, request }: Subject): RequestOptions {
  return { ...target.request, ...request, headers: { ...target.request.headers, ...request?.headers } }
}

/** `unaccounted`: exchanges of which the ledger knows no end, and those that it does not know at all. */
function mirrored(before: Totals, atEnd: Totals, after: Totals, exchanges: number): Sample {
  const dropped = Object.entries(after.droppedByReason).map(([reason, count]) => {
    return [`dropped.${reason}`, count - (before.droppedByReason[reason] ?? 0)] as const
  })
  const known = after.sampled_out + after.opted_out + after.unsupported + after.dropped + after.published
  return {
    mirroredShare: (after.published - before.published) / exchanges,
    optedOutShare: (after.opted_out - before.opted_out) / exchanges,
    pendingAtEnd: atEnd.pending,
    pending: after.pending,
    dropped: after.dropped - before.dropped,
    unaccounted: Math.abs(after.served - before.served - exchanges) + Math.abs(after.served - known - after.pending),
    ...Object.fromEntries(dropped.filter(([, count]) => count > 0)),
  }
}

function clientsUs(provider: Started): number {
  const { user, system } = process.cpuUsage()
  return user + system + provider.cpu().all
}

/** Until every exchange has its end in the ledger, or waits for a log that does not answer. */
async function mirrorSettled({ totals }: Target): Promise<Totals | undefined> {
  if (totals === undefined) return undefined
  const deadlineMs = performance.now() + 30_000
  let [last, sinceMs] = [await totals(), performance.now()]
  // The ledger is brought up to date twice a second.
  while (last.pending > 0 && performance.now() - sinceMs < 2_000 && performance.now() < deadlineMs) {
    await sleep(250)
    const now = await totals()
    if (now.pending !== last.pending) sinceMs = performance.now()
    last = now
  }
  return last
}

/** Until it has nothing more to do than an idle program has. */
async function settled(started: Started): Promise<Cpu> {
  const stepMs = 100
  const deadlineMs = performance.now() + 15_000
  for (let last = started.cpu(); ;) {
    await sleep(stepMs)
    const now = started.cpu()
    if (now.all - last.all < 0.04 * stepMs * 1_000 || performance.now() > deadlineMs) return now
    last = now
  }
}
