import { type Adapter } from './adapter.ts'
import { openaiEndpoint, type OpenaiAccess } from './openai-endpoint.ts'

/** OpenAI, Azure and the servers that speak Responses too: vLLM, LiteLLM, Ollama. */
export function createOpenaiResponsesAdapter(access: OpenaiAccess): Adapter {
  return openaiEndpoint(access, 'openai-responses', '/responses')
}
