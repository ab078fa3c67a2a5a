import { type ClientOptions, OpenAI } from 'openai'
import { type Dialect } from '../contracts/exchange.ts'
import { type Adapter, type ProviderAccess } from './adapter.ts'
import { attemptCall } from './attempt-call.ts'
import { headOf, writeDown } from './request-head.ts'
import { type Transport } from './transport.ts'

/** What the endpoints of one provider share. */
export type OpenaiAccess = { client: OpenAI; transport: Transport }

export function openOpenai(provider: ProviderAccess, transport: Transport): OpenaiAccess {
  return { client: new OpenAI({ ...openaiOptions(provider), maxRetries: 0, fetch: writeDown }), transport }
}

export function openaiOptions(provider: ProviderAccess): ClientOptions {
  return {
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
    logLevel: 'off',
  }
}

/** The endpoint at this path, under the provider's base URL. */
export function openaiEndpoint({ client, transport }: OpenaiAccess, dialect: Dialect, path: string): Adapter {
  // No recorded header changes what these calls mean.
  const headers = { 'content-type': 'application/json' }
  const head = headOf((timeoutMs) => client.post(path, { body: '{}', headers, timeout: timeoutMs }).asResponse())
  return {
    dialect,
    ask: async (call) => attemptCall(transport, dialect, call, await head(call.timeoutMs)),
  }
}
