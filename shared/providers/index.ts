import { type Dialect } from '../contracts/exchange.ts'
import { type Adapter, type AdapterFor, type ProviderAccess } from './adapter.ts'
import { createAnthropicMessagesAdapter } from './anthropic-messages.ts'
import { createOpenaiChatAdapter } from './openai-chat.ts'
import { createOpenaiCompletionsAdapter } from './openai-completions.ts'
import { createOpenaiEmbeddingsAdapter } from './openai-embeddings.ts'
import { openOpenai } from './openai-endpoint.ts'
import { createOpenaiResponsesAdapter } from './openai-responses.ts'
import { type Transport } from './transport.ts'

/** The dialects of a family, the one for calls from elsewhere first. A new dialect is one file and one line here. */
const adaptersOf: Record<ProviderAccess['dialect'], (provider: ProviderAccess, transport: Transport) => Adapter[]> = {
  openai(provider, transport) {
    const access = openOpenai(provider, transport)
    return [
      createOpenaiChatAdapter(access),
      createOpenaiResponsesAdapter(access),
      createOpenaiCompletionsAdapter(access),
      createOpenaiEmbeddingsAdapter(access),
    ]
  },
  anthropic: (provider, transport) => [createAnthropicMessagesAdapter(provider, transport)],
}

/** By the provider's name in the config. A provider is asked in the recorded dialect where its family has it. */
export function createAdapters(
  providers: Record<string, ProviderAccess>,
  transport: Transport,
): ReadonlyMap<string, AdapterFor> {
  return new Map(
    Object.entries(providers).map(([name, provider]) => [
      name,
      chooseFrom(adaptersOf[provider.dialect](provider, transport)),
    ]),
  )
}

function chooseFrom(adapters: readonly Adapter[]): AdapterFor {
  return (recorded: Dialect) => adapters.find(({ dialect }) => dialect === recorded) ?? adapters[0]!
}
