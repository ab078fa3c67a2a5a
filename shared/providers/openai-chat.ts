import { type Adapter } from './adapter.ts'
import { openaiEndpoint, type OpenaiAccess } from './openai-endpoint.ts'

/** OpenAI and every server that speaks its chat completions: vLLM, LiteLLM, Ollama, TGI, Gemini's compatible endpoint. */
export function createOpenaiChatAdapter(access: OpenaiAccess): Adapter {
  return openaiEndpoint(access, 'openai-chat', '/chat/completions')
}
