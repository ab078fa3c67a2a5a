import { controlArm } from '../../../shared/config/arms.ts'
import { type Config } from '../../../shared/config/schema.ts'
import { type Answer } from '../../../shared/contracts/answer.ts'
import { type Comparison } from '../../../shared/contracts/comparison.ts'
import { type GoldenItem } from '../../../shared/contracts/golden.ts'
import { type ObservationSet } from '../../../shared/contracts/observation.ts'
import { openState } from '../../../shared/limits/open.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { type Logger } from '../../../shared/logger.ts'
import { openPriceBook } from '../../../shared/pricing/open.ts'
import { openTransport } from '../../../shared/providers/open-transport.ts'
import { compareSet } from '../../compare/compare.ts'
import { readRecorded } from '../../compare/recorded.ts'
import { openSettling } from '../../compare/settle.ts'
import { openArms } from '../../replay/arms.ts'
import { createGate } from '../../replay/gate.ts'
import { replayExchange } from '../../replay/replay.ts'
import { withTerms } from '../compare/pair-terms.ts'

/** What came of one item. The qualities are against the ground truth, where there is one, else against what was served. */
export type AskedItem = {
  item: GoldenItem
  comparison: Comparison
  answer: Answer | null
  /** Of what was served, against the ground truth; null without one. */
  servedQuality: number | null
}

/**
 * Asks control and candidate about every item, by the same replay and comparison as traffic, within the same limits and budgets.
 * Nothing goes to the log or into the store: what is asked here is no traffic. `onAsked` is told after each.
 */
export async function askSet(
  config: Config,
  candidate: string,
  items: readonly GoldenItem[],
  { logger, signal, onAsked }: { logger: Logger; signal: AbortSignal; onAsked: (done: number) => void },
): Promise<AskedItem[]> {
  const prices = openPriceBook(config.prices)
  const transport = openTransport(config, logger)
  const arms = openArms(config, transport).filter(({ arm }) => [controlArm, candidate].includes(arm.name))
  const log = await openTopicLog(config.log, { logger, clientId: 'understudy-golden' })
  try {
    await log.prepare()
    const state = await openState(config.log, log, logger)
    const settling = await openSettling({ config, log, logger, prices })
    try {
      // Whoever waits at the command line is not kept for hours by one arm.
      const { armWaitMs } = config.replay
      const gate = createGate({ state, providers: config.providers, logger, armWaitMs })
      const tools = { gate, prices, draining: signal, halted: signal }
      return await withTerms(config, async ({ terms }) => {
        const ask = async (item: GoldenItem): Promise<AskedItem> => {
          const set = await replayExchange(item.exchange, arms, tools)
          const compared = compareSet(set, new Date(), terms)
          const settled = settling === null ? compared : await settling.settle(set, compared, signal)
          return againstTruth(item, set, of(settled, candidate), (other) => compareSet(other, new Date(), terms))
        }
        const inFlight = Math.max(...arms.map(({ arm }) => arm.limits.concurrency))
        return await inParallel(items, inFlight, ask, onAsked)
      })
    } finally {
      await settling?.stop()
      await state.close()
    }
  } finally {
    await log.close()
    await transport.close()
  }
}

const of = (comparisons: readonly Comparison[], arm: string): Comparison =>
  comparisons.find((each) => each.arm === arm)!

/** Divergence, latencies and costs stay what they are beside the served answer; quality is of the truth. */
function againstTruth(
  item: GoldenItem,
  set: ObservationSet,
  comparison: Comparison,
  compare: (set: ObservationSet) => Comparison[],
): AskedItem {
  const answerOf = (arm: string) => set.observations.find((each) => each.arm === arm)
  const asked = { item, answer: answerOf(comparison.arm)?.answer ?? null }
  const truth = truthOf(item)
  if (truth === null || comparison.measured === null) return { ...asked, comparison, servedQuality: null }
  const { exchange } = set
  const own = answerOf(comparison.arm)!
  // What was served is one more that is held against it.
  const served = {
    ...own,
    arm: 'served',
    outcome: 'answered' as const,
    failureKind: null,
    answer: exchange.served.answer,
    losses: [],
  }
  const held = compare({
    ...set,
    exchange: { ...exchange, served: { ...exchange.served, answer: truth } },
    observations: [...set.observations, served],
  })
  const { measured, control, outcome, decidedBy, differences } = of(held, comparison.arm)
  return {
    ...asked,
    comparison: {
      ...comparison,
      outcome,
      decidedBy,
      differences,
      measured: measured && { ...comparison.measured, quality: measured.quality },
      control: control && comparison.control && { ...comparison.control, quality: control.quality },
      // It was asked about the served answer.
      judge: null,
      controlJudge: null,
    },
    servedQuality: of(held, 'served').measured?.quality ?? null,
  }
}

function truthOf({ groundTruth, exchange }: GoldenItem): Answer | null {
  if (groundTruth === null) return null
  const read = readRecorded(groundTruth.answer)
  if (!read.ok) return null
  return { ...read.answer, model: exchange.served.answer?.model ?? null }
}

async function inParallel<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
  onDone: (done: number) => void,
): Promise<Result[]> {
  const results: Result[] = Array.from({ length: items.length })
  const waiting = items.entries()
  let done = 0
  const worker = async () => {
    for (const [index, item] of waiting) {
      results[index] = await work(item)
      onDone(++done)
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
  return results
}
