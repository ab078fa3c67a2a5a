import { type Config } from '../../shared/config/schema.ts'
import { type Comparison } from '../../shared/contracts/comparison.ts'
import { type ObservationSet } from '../../shared/contracts/observation.ts'
import { openState } from '../../shared/limits/open.ts'
import { type TopicLog } from '../../shared/log/topic-log.ts'
import { type Logger } from '../../shared/logger.ts'
import { type PriceBook } from '../../shared/pricing/price-book.ts'
import { createAdapters } from '../../shared/providers/index.ts'
import { guardOf, openTransport } from '../../shared/providers/open-transport.ts'
import { openVectors } from '../../shared/providers/vectors.ts'
import { createEmbedder } from './embeddings/embedder.ts'
import { embedSet } from './embeddings/embed-set.ts'
import { createAdmission } from './judge/admission.ts'
import { applyJudged } from './judge/apply.ts'
import { createAskJudge } from './judge/ask.ts'
import { createJudgeSet } from './judge/judge-set.ts'
import { tellFailures } from './judge/tell-failures.ts'

/** What the ladder cannot do: steps that ask models. `draining` aborts when nothing new should be asked. */
export type Settling = {
  /** The comparisons of one exchange as these steps leave them; as they were where none has anything to say. */
  settle(set: ObservationSet, comparisons: Comparison[], draining: AbortSignal): Promise<Comparison[]>
  stop(): Promise<void>
}

type Step = Settling

export type SettlingContext = { config: Config; log: TopicLog; logger: Logger; prices: PriceBook }

/** Null where no model is to be asked. */
export async function openSettling(context: SettlingContext): Promise<Settling | null> {
  const { judge, embeddings } = context.config.compare
  const steps: Step[] = []
  if (embeddings !== false) steps.push(openEmbeddings(context, embeddings))
  if (judge !== false) steps.push(await openJudge(context, judge))
  if (steps.length === 0) return null
  async function stopAll(): Promise<void> {
    await Promise.all(steps.map((step) => step.stop()))
  }
  let stopped: Promise<void> | undefined
  return {
    async settle(set, comparisons, draining) {
      let settled = comparisons
      for (const step of steps) settled = await step.settle(set, settled, draining)
      return settled
    },
    stop: () => (stopped ??= stopAll()),
  }
}

async function openJudge(
  { config, log, logger, prices }: SettlingContext,
  judge: Exclude<Config['compare']['judge'], false>,
): Promise<Step> {
  const { providers } = config
  const provider = providers[judge.provider]!
  const transport = openTransport(config, logger)
  const state = await openState(config.log, log, logger, 'compare-state')
  const halt = new AbortController()
  const adapter = createAdapters({ [judge.provider]: provider }, transport).get(judge.provider)!('openai-chat')
  const admission = createAdmission(state, judge, provider)
  const ask = createAskJudge({ judge, adapter, prices, admission, halted: halt.signal })
  const judgeSet = createJudgeSet({ judge, providers, ask: tellFailures(ask, logger) })
  return {
    settle: async (set, comparisons, draining) => applyJudged(comparisons, await judgeSet(set, comparisons, draining)),
    async stop() {
      halt.abort()
      await transport.close()
      await state.close()
    },
  }
}

function openEmbeddings(
  { config, logger }: SettlingContext,
  { provider: name, model, timeoutMs }: Exclude<Config['compare']['embeddings'], false>,
): Step {
  const provider = config.providers[name]!
  const client = openVectors(provider, { model, timeoutMs, ...guardOf(config, logger) })
  const halt = new AbortController()
  const embedder = createEmbedder({
    embed: (texts) => client.embed(texts, halt.signal),
    onFailure: (reason) => logger.warn({ provider: name, reason }, 'no embeddings: divergence stays that of the words'),
  })
  return {
    async settle(set, comparisons) {
      const mayRead = provider.routes?.includes(set.exchange.route) ?? true
      return mayRead ? await embedSet(set, comparisons, embedder) : comparisons
    },
    async stop() {
      halt.abort()
      await client.close()
    },
  }
}
