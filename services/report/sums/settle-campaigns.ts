import { type Arm } from '../../../shared/config/arms.ts'
import { type Config } from '../../../shared/config/schema.ts'
import { type Logger } from '../../../shared/logger.ts'
import { type Store } from '../../../shared/store/store.ts'
import { candidatesOf, readingFor } from '../load-verdicts.ts'
import { type ReportSource } from '../source.ts'
import { hourMs } from '../units.ts'
import {
  type Foreseen,
  foreseeing,
  isConsistent,
  nothingSettled,
  type Reading,
  type Settled,
  settleKnown,
  termsIn,
} from './settled.ts'
import { type Arrivals, keepClosed, keepSettled, readArrivals } from './sums-store.ts'

/** What came a moment ago may have neighbours on their way. */
const quietMs = 10 * 60_000
/** Rows that this process holds at once; a single hour may be more. */
const mostRows = 20_000
/** After so many steps what there is is kept, so that a long way is not gone twice. */
const stepsPerKeep = 10

/** Adds up what is over, where this process may write. */
export type Settler = {
  /** Resolves when all is added up that can be. What fails is told and made up for by reading rows. */
  settle(now: Date): Promise<void>
}

export function createSettler(
  store: Pick<Store, 'kind' | 'query' | 'insert'>,
  source: ReportSource,
  config: Config,
  logger: Logger,
): Settler {
  if (store.kind === 'reader') return { settle: async () => {} }
  let settling = Promise.resolve()
  const settleAll = async (now: Date) => {
    for (const candidate of candidatesOf(config)) {
      try {
        await settleCampaign(store, source, candidate, await readingFor(candidate, source, config), now)
      } catch (err) {
        logger.warn({ err, candidate: candidate.name }, 'comparisons could not be added up: verdicts read their rows')
      }
    }
  }
  return { settle: (now) => (settling = settling.then(() => settleAll(now))) }
}

/**
 * Brings the sums of the candidate's campaign up to the last hour that is over. Doing it again changes nothing; rows that came
 * late or again since are added up anew, from the last hour before them.
 */
export async function settleCampaign(
  store: Pick<Store, 'query' | 'insert'>,
  source: Pick<ReportSource, 'settled' | 'pairsSince' | 'closed' | 'confirm'>,
  candidate: Pick<Arm, 'name'>,
  reading: Reading,
  now: Date,
): Promise<void> {
  const campaignId = reading.campaign?.id ?? null
  if (campaignId === null) return
  // Before any row is read: what comes meanwhile then counts as having come since.
  const arrivals = await readArrivals(store, candidate.name)
  const last = arrivals.at(-1)
  if (last === undefined) return
  // Rows come in the order of their capture: while the last hour that has any goes on, the one before it is over.
  const untilMs = Math.min(last.hourMs, floorHour(now.getTime() - quietMs))
  const known = await source.settled(campaignId, candidate.name, new Date(untilMs), termsIn(reading))
  if (known !== null && known.untilMs >= untilMs) return
  const isWhole = known !== null && (await source.confirm(known, [...known.sums.cells.keys()]))
  const from = (start: Settled, foreseen?: Foreseen) =>
    settleFrom(start, { store, source, arm: candidate.name, campaignId, reading, arrivals, untilMs, foreseen })
  const nothing = () => nothingSettled(reading)
  let settled = await from(isWhole ? known : nothing())
  if (!isConsistent(settled, reading) && isWhole) settled = await from(nothing())
  if (!isConsistent(settled, reading)) settled = await from(nothing(), foreseeing(settled, reading))
  if (settled.untilMs > (known?.untilMs ?? -Infinity) && isConsistent(settled, reading)) {
    await keepSettled(store, campaignId, arrivals, settled)
  }
}

const floorHour = (ms: number) => Math.floor(ms / hourMs) * hourMs

async function settleFrom(
  start: Settled,
  {
    store,
    source,
    arm,
    campaignId,
    reading,
    arrivals,
    untilMs,
    foreseen,
  }: {
    store: Pick<Store, 'insert'>
    source: Pick<ReportSource, 'pairsSince' | 'closed' | 'confirm'>
    arm: string
    campaignId: string
    reading: Reading
    arrivals: Arrivals
    untilMs: number
    foreseen: Foreseen | undefined
  },
): Promise<Settled> {
  let settled = start
  let steps = 0
  for (const endMs of stepsOf(arrivals, start.untilMs, untilMs)) {
    const rows = await source.pairsSince(arm, settled, new Date(endMs - 1), reading.judge)
    const next = await settleKnown(settled, rows, reading, { asOf: new Date(endMs), foreseen }, (ids) =>
      source.closed(campaignId, ids, settled.untilMs),
    )
    // An incident is under way: the next step takes these rows again.
    if (next === null) continue
    settled = next
    await keepClosed(store, campaignId, settled.silent, settled.untilMs)
    steps += 1
    if (steps % stepsPerKeep === 0 && isConsistent(settled, reading)) {
      await keepSettled(store, campaignId, arrivals, settled)
    }
  }
  return settled
}

/** Ends of steps of about as many rows as may be held, the last at `untilMs`. */
function stepsOf(arrivals: Arrivals, fromMs: number, untilMs: number): number[] {
  const ends: number[] = []
  let held = 0
  for (const { hourMs: at, arrived } of arrivals) {
    if (at < fromMs || at >= untilMs) continue
    if (held > 0 && held + arrived > mostRows) {
      ends.push(at)
      held = 0
    }
    held += arrived
  }
  return [...ends, untilMs]
}
