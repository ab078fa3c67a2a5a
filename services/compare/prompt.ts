import { type Exchange } from '../../shared/contracts/exchange.ts'
import { systemTextsOf } from '../../shared/dialects/system-prompt.ts'
import { sha256Hex } from '../../shared/ids.ts'

/** Enough to tell the prompts of one installation apart. */
const idLength = 12

/**
 * The same for every request with the same system prompt, whatever dialect it came in. Null where there is none, or where the
 * body was not kept: then nobody knows which requests belong together.
 */
export function promptIdOf({ dialect, request: { body } }: Pick<Exchange, 'dialect' | 'request'>): string | null {
  if (body.data === null || body.truncated) return null
  try {
    const texts = systemTextsOf(dialect, JSON.parse(Buffer.from(body.data, body.encoding).toString('utf8')))
    const prompt = texts.join('\n\n').trim()
    return prompt === '' ? null : sha256Hex(prompt).slice(0, idLength)
  } catch {
    return null
  }
}
