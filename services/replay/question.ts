import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type Arm, providerOf } from '../../shared/config/arms.ts'
import { type Exchange } from '../../shared/contracts/exchange.ts'
import { type Loss, type Observation } from '../../shared/contracts/observation.ts'
import { type JsonObject } from '../../shared/dialects/dialect.ts'
import { translate } from '../../shared/dialects/dialects.ts'
import { type Adapter, type AdapterFor, type Call } from '../../shared/providers/adapter.ts'
import { notAsked, type Subject } from './observe.ts'
import { withoutPromptCache } from '../../shared/providers/prompt-cache.ts'

/** An arm with what it takes to ask it. */
export type ReplayArm = {
  arm: Arm
  adapters: ReadonlyMap<string, AdapterFor>
  /** May the provider see exchanges of the route? */
  mayAsk: (provider: string, route: string) => boolean
}

/** One exchange, put into words for one arm. */
export type Question = { subject: Subject; adapter: Adapter; call: Pick<Call, 'body' | 'headers'> }

export function subjectOf(exchange: Exchange, each: ReplayArm): Subject {
  const provider = providerOf(each.arm, exchange.upstream)
  return { exchange, arm: each.arm, provider, dialect: adapterOf(each, provider, exchange).dialect, losses: [] }
}

function adapterOf({ adapters }: ReplayArm, provider: string, { dialect }: Exchange): Adapter {
  // The config was checked: every provider that an arm names has its adapters.
  return adapters.get(provider)!(dialect)
}

/** What to send to the arm, or the observation that says why nothing can be. */
export function prepare(exchange: Exchange, each: ReplayArm): Question | Observation {
  const subject = subjectOf(exchange, each)
  const { arm } = each
  if (!each.mayAsk(subject.provider, exchange.route)) return notAsked(subject, 'route_not_selected')
  const adapter = adapterOf(each, subject.provider, exchange)
  const recorded = exchange.request.body.encoding === 'utf8' ? exchange.request.body.data : null
  const translation = translate(
    exchange.dialect,
    { body: recorded, headers: exchange.request.headers },
    {
      dialect: adapter.dialect,
      model: arm.model,
      system: arm.system,
      parameters: arm.parameters,
      ...(arm.apiVersion !== undefined && { apiVersion: arm.apiVersion }),
    },
  )
  if (!translation.ok) return notAsked({ ...subject, losses: [untranslated(translation.detail)] }, translation.reason)
  const { body, losses: cacheLosses } =
    arm.promptCache === 'keep'
      ? { body: translation.body, losses: [] }
      : withoutPromptCache(adapter.dialect, translation.body, randomUUID())
  const headers = withBetas(translation.headers, arm.betas)
  const text = wireText(recorded, body)
  // What goes out in its recorded bytes has lost nothing, not even what parsing would have rounded.
  const losses = text === recorded ? [] : [...translation.losses, ...cacheLosses]
  return { subject: { ...subject, losses }, adapter, call: { body: text, headers } }
}

function withBetas(headers: Record<string, string>, betas: string[] | undefined): Record<string, string> {
  if (betas === undefined) return headers
  const { 'anthropic-beta': _recorded, ...others } = headers
  return betas.length === 0 ? others : { ...others, 'anthropic-beta': betas.join(',') }
}

/** The whole request was lost; `detail` says to what. */
function untranslated(detail: string): Loss {
  return { parameter: 'request', kind: 'dropped', severity: 'material', detail }
}

/**
 * A body the translation left as it was goes out in its recorded bytes: parsed and written again, large numbers and
 * lone surrogates would change.
 */
function wireText(recorded: string | null, body: JsonObject): string {
  return recorded !== null && isDeepStrictEqual(JSON.parse(recorded), body) ? recorded : JSON.stringify(body)
}
