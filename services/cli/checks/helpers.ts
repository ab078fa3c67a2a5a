import { type Config } from '../../../shared/config/schema.ts'
import { silentLogger } from '../../../shared/logger.ts'
import { createAdapters } from '../../../shared/providers/index.ts'
import { guardOf, openTransport } from '../../../shared/providers/open-transport.ts'
import { openVectors } from '../../../shared/providers/vectors.ts'
import { type PriceBook } from '../../../shared/pricing/price-book.ts'
import { type Admission } from '../../compare/judge/admission.ts'
import { createAskJudge } from '../../compare/judge/ask.ts'
import { promptOf } from '../../compare/judge/prompt.ts'
import { rubricOf } from '../../../shared/judge/template.ts'
import { type Check, fail, ok, warn } from './check.ts'

/** One call to each model that compare asks, of a few hundred tokens: whether it answers in the form that is asked for. */
export async function checkHelpers(config: Config, timeoutMs: number): Promise<Check[]> {
  return (await Promise.all([checkJudge(config, timeoutMs), checkEmbeddings(config, timeoutMs)])).flat()
}

async function checkJudge(config: Config, timeoutMs: number): Promise<Check[]> {
  const { judge } = config.compare
  const provider = judge && config.providers[judge.provider]
  if (!judge || !provider) return []
  const title = `judge ${judge.model}`
  const transport = openTransport(config, silentLogger)
  try {
    const adapter = createAdapters({ [judge.provider]: provider }, transport).get(judge.provider)!('openai-chat')
    const unlimited = { ...judge, timeoutMs, budgetUsdPerDay: undefined }
    const halted = new AbortController().signal
    const ask = createAskJudge({ judge: unlimited, adapter, prices: nothingIsPriced, admission: always, halted })
    const prompt = promptOf({ rubric: rubricOf(judge, ''), request: 'user: What is 2 + 2?', first: '4', second: '5' })
    const { verdict, reason } = await ask(prompt, halted)
    if (verdict === null) return [fail(title, `${judge.provider} gives no verdict (${reason})`, judgeCure(reason!))]
    if (verdict.winner === 'first') return [ok(title, `${judge.provider} gives verdicts`)]
    return [warn(title, 'prefers "5" as the sum of 2 and 2, or takes it for as good as "4"', 'choose another model')]
  } finally {
    await transport.close()
  }
}

const always: Admission = {
  enter: () =>
    Promise.resolve({ ok: true, admitted: { again: () => Promise.resolve(0), hold: () => {}, leave: () => {} } }),
  note: () => {},
}
const nothingIsPriced: PriceBook = { costUsd: () => null }

function judgeCure(reason: string): string {
  if (reason === 'unparsable') return 'choose a model with structured output (json_schema) as compare.judge.model'
  if (reason === 'credentials_rejected') return 'give the provider of compare.judge a valid apiKey'
  return 'correct compare.judge.model and its provider; until then the ladder decides alone'
}

async function checkEmbeddings(config: Config, timeoutMs: number): Promise<Check[]> {
  const { embeddings } = config.compare
  const provider = embeddings && config.providers[embeddings.provider]
  if (!embeddings || !provider) return []
  const { model } = embeddings
  const title = `embeddings ${model}`
  const client = openVectors(provider, { model, timeoutMs, ...guardOf(config, silentLogger) })
  try {
    const answer = await client.embed(['understudy'], new AbortController().signal)
    if (answer.ok) return [ok(title, `${embeddings.provider} gives ${answer.vectors[0]!.length} dimensions`)]
    const cure = 'correct compare.embeddings.model and its provider; until then divergence is that of the words'
    return [fail(title, `${embeddings.provider} gives no vectors (${answer.reason})`, cure)]
  } finally {
    await client.close()
  }
}
