import { Anthropic } from '@anthropic-ai/sdk'
import { type Adapter, type ProviderAccess } from './adapter.ts'
import { attemptCall } from './attempt-call.ts'
import { headOf, writeDown } from './request-head.ts'
import { type Transport } from './transport.ts'

/** Anthropic's messages. The version of the recorded call, or the one its translation chose, replaces the SDK's own. */
export function createAnthropicMessagesAdapter(provider: ProviderAccess, transport: Transport): Adapter {
  const dialect = 'anthropic-messages'
  const client = new Anthropic({
    // Said here so that nothing is picked up from ANTHROPIC_* in the environment: ANTHROPIC_BASE_URL may well be the
    // tap's own address.
    baseURL: provider.baseUrl,
    apiKey: provider.apiKey,
    authToken: null,
    defaultHeaders: provider.apiKey === '' ? { authorization: null, 'x-api-key': null } : {},
    maxRetries: 0,
    logLevel: 'off',
    fetch: writeDown,
  })
  const headers = { 'content-type': 'application/json' }
  const headFor = headOf((timeoutMs) =>
    client.post('/v1/messages', { body: '{}', headers, timeout: timeoutMs }).asResponse(),
  )
  return {
    dialect,
    async ask(call) {
      const head = await headFor(call.timeoutMs)
      const sent = { ...head, headers: { ...head.headers, ...sentOn(call.headers) } }
      return attemptCall(transport, dialect, call, sent)
    },
  }
}

/** By name: recorded traffic chooses the values of these two, and sends no other header. */
function sentOn(headers: Record<string, string>): Record<string, string> {
  const names = ['anthropic-version', 'anthropic-beta']
  return Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])))
}
