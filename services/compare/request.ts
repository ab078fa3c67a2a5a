import { type Comparison } from '../../shared/contracts/comparison.ts'
import { type Exchange } from '../../shared/contracts/exchange.ts'
import { languageOf } from './language.ts'
import { type Asked } from './task.ts'

/** What servers and clients call a tenant's tier; anything longer is no name. */
const tierForm = /^[\w.:-]{1,40}$/
/** Of a body in JSON, roughly. */
const bytesPerToken = 4

/** What is known of the request itself, so that kinds of traffic can be judged by themselves. */
export function requestOf({ request, served }: Exchange, asked: Asked | null): Comparison['request'] {
  const { body, headers } = request
  const tier = headers['x-understudy-tier'] ?? asked?.tier ?? ''
  const [, firstTurn = ''] = asked?.opening.split('\n\u0000\n') ?? []
  return {
    language: languageOf(firstTurn) ?? languageOf(served.answer?.text ?? ''),
    hasTools: asked === null ? null : asked.toolNames.length > 0,
    promptTokens: served.answer?.usage.inputTokens ?? Math.ceil(body.sizeBytes / bytesPerToken),
    tier: tierForm.test(tier) ? tier : null,
  }
}
