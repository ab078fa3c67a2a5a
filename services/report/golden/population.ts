import { type GoldenSpec, type GoldenStratum } from '../../../shared/contracts/golden.ts'
import { type Store } from '../../../shared/store/store.ts'
import { controlArm } from '../../../shared/config/arms.ts'
import { type Drawable, orderSql, type StratumSize } from './draw.ts'
import { inSpan } from '../in-span.ts'

/** Exchanges that can be asked again, by stratum: what there is of each, and its first `size` in the seeded order. */
export async function readPopulation(
  store: Pick<Store, 'query'>,
  spec: GoldenSpec,
): Promise<{ strata: StratumSize[]; first: Drawable[] }> {
  const params = {
    arm: spec.candidate ?? controlArm,
    seed: spec.seed,
    size: spec.size,
    sinceMs: spec.since === null ? 0 : Date.parse(spec.since),
    untilMs: Date.parse(spec.until),
  }
  const rows = await store.query<Drawable & { exchanges: number }>(populationSql(spec.by), params)
  const strata = new Map(rows.map(({ stratum, exchanges }) => [stratum, exchanges]))
  return {
    strata: [...strata].map(([stratum, exchanges]) => ({ stratum, exchanges })),
    first: rows.map(({ exchangeId, conversationId, stratum, order }) => ({
      exchangeId,
      conversationId,
      stratum,
      order,
    })),
  }
}

const values: Record<GoldenStratum, string> = {
  route: 'toString(known.route)',
  task: "if(compared.task = '', 'unknown', toString(compared.task))",
  language: "if(compared.language = '', 'unknown', toString(compared.language))",
  outcome: "if(compared.outcome = '', 'not compared', toString(compared.outcome))",
  tools: "multiIf(compared.has_tools IS NULL, 'unknown', compared.has_tools, 'yes', 'no')",
  length: `multiIf(compared.prompt_tokens IS NULL, 'unknown', compared.prompt_tokens < 500, 'below 500',
    compared.prompt_tokens < 2000, '500 to 1999', compared.prompt_tokens < 8000, '2000 to 7999', '8000 and more')`,
  tier: "if(compared.tier = '', 'none', toString(compared.tier))",
}

/** Of several settings of an arm the last that was asked says it. */
const ofNewest = ['task', 'language', 'outcome', 'has_tools', 'prompt_tokens', 'tier']
  .map((column) => `argMax(${column}, asked_at) AS ${column}`)
  .join(', ')

/** Only what was served well, whose request and answer are still stored. */
const populationSql = (by: readonly GoldenStratum[]) => `
WITH ${by.length === 0 ? "'all'" : `arrayStringConcat([${by.map((name) => `'${name}=' || ${values[name]}`).join(', ')}], ' · ')`} AS of_stratum
SELECT toString(known.exchange_id) AS exchangeId, conversation_id AS conversationId, of_stratum AS stratum,
  ${orderSql('known.exchange_id')} AS order, toFloat64(count() OVER (PARTITION BY of_stratum)) AS exchanges
FROM (
  SELECT exchange_id, route, conversation_id FROM exchanges_unique
  WHERE ${inSpan} AND wire_end = 'complete' AND status BETWEEN 200 AND 299 AND answer_outcome NOT IN ('', 'error', 'incomplete_stream')
    AND dialect != 'openai-embeddings'
) AS known
INNER JOIN (SELECT exchange_id FROM exchange_bodies WHERE ${inSpan} AND request_body IS NOT NULL AND NOT request_truncated AND answer != '' GROUP BY exchange_id) AS bodies
  ON bodies.exchange_id = known.exchange_id
LEFT JOIN (SELECT exchange_id, ${ofNewest} FROM comparisons_unique WHERE arm = {arm:String} AND ${inSpan} GROUP BY exchange_id) AS compared
  ON compared.exchange_id = known.exchange_id
ORDER BY of_stratum, order
LIMIT {size:UInt32} BY of_stratum`
