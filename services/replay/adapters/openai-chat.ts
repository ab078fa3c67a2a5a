import { OpenAI } from 'openai'
import { type ProviderConfig } from '../../../shared/config/schema.ts'
import { type Adapter } from './adapter.ts'
import { attemptCall } from './attempt-call.ts'
import { type Transport } from './transport.ts'

/** OpenAI and every server that speaks its chat completions: vLLM, LiteLLM, Ollama, TGI, Gemini's compatible endpoint. */
export function createOpenaiChatAdapter(provider: ProviderConfig, transport: Transport): Adapter {
  const dialect = 'openai-chat'
  const client = new OpenAI({
    // Everything is said here, so that nothing is picked up from OPENAI_* in the environment: OPENAI_BASE_URL may well
    // be the tap's own address.
    baseURL: provider.baseUrl,
    // The SDK insists on a key; where there is none the header below keeps this word from being sent.
    apiKey: provider.apiKey || 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    // A local server wants no key, and some refuse an empty one.
    defaultHeaders: provider.apiKey === '' ? { authorization: null } : {},
    maxRetries: 0,
    logLevel: 'off',
    fetch: transport.fetch,
  })
  return {
    dialect,
    ask: (call) =>
      attemptCall(transport, dialect, call, (attempt, signal) =>
        client
          .post('/chat/completions', {
            body: call.body,
            // No recorded header changes what chat completions mean.
            headers: { 'content-type': 'application/json' },
            fetchOptions: { dispatcher: attempt },
            timeout: call.timeoutMs * 2,
            signal,
          })
          .asResponse(),
      ),
  }
}
