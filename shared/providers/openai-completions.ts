import { type Adapter } from './adapter.ts'
import { openaiEndpoint, type OpenaiAccess } from './openai-endpoint.ts'

/** The legacy endpoint, which servers of open models all have. */
export function createOpenaiCompletionsAdapter(access: OpenaiAccess): Adapter {
  return openaiEndpoint(access, 'openai-completions', '/completions')
}
