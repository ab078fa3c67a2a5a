import { type ProviderConfig } from '../../../shared/config/schema.ts'
import { type Adapter } from './adapter.ts'
import { createAnthropicMessagesAdapter } from './anthropic-messages.ts'
import { createOpenaiChatAdapter } from './openai-chat.ts'
import { type Transport } from './transport.ts'

/** What is asked of each family of providers. A new dialect is one file and one line here. */
const adapterOf: Record<ProviderConfig['dialect'], (provider: ProviderConfig, transport: Transport) => Adapter> = {
  openai: createOpenaiChatAdapter,
  anthropic: createAnthropicMessagesAdapter,
}

/** One adapter per provider, by the provider's name in the config. */
export function createAdapters(
  providers: Record<string, ProviderConfig>,
  transport: Transport,
): ReadonlyMap<string, Adapter> {
  return new Map(
    Object.entries(providers).map(([name, provider]) => [name, adapterOf[provider.dialect](provider, transport)]),
  )
}
