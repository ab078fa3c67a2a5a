import { Anthropic } from '@anthropic-ai/sdk'
import { type Adapter, type ProviderAccess } from './adapter.ts'
import { attemptCall } from './attempt-call.ts'
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
    fetch: transport.fetch,
  })
  return {
    dialect,
    ask: (call) =>
      attemptCall(transport, dialect, call, (attempt, signal) =>
        client
          .post('/v1/messages', {
            body: call.body,
            headers: { 'content-type': 'application/json', ...sentOn(call.headers) },
            fetchOptions: { dispatcher: attempt as never },
            timeout: call.timeoutMs * 2,
            signal,
          })
          .asResponse(),
      ),
  }
}

/** By name: recorded traffic chooses the values of these two, and sends no other header. */
function sentOn(headers: Record<string, string>): Record<string, string> {
  const names = ['anthropic-version', 'anthropic-beta']
  return Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])))
}
