import { type Running } from '../../../shared/lifecycle.ts'
import { modelsAt } from './models.ts'
import { startPretendProvider } from './pretend-provider.ts'
import { type DemoExchange } from './traffic.ts'

/** The only key that the pretend providers accept. */
export const demoApiKey = 'pretend-key'

export type World = Running & { urls: { openai: string; anthropic: string } }

/** Both pretend providers, knowing the answers to `exchanges`. */
export async function startPretendProviders(options: {
  exchanges: readonly DemoExchange[]
  seed: number
}): Promise<World> {
  const common = { ...options, apiKey: demoApiKey }
  const openai = await startPretendProvider({ ...common, family: 'openai', models: modelsAt.openai })
  const anthropic = await startPretendProvider({ ...common, family: 'anthropic', models: modelsAt.anthropic })
  return {
    urls: { openai: openai.url, anthropic: anthropic.url },
    stop: async () => {
      await Promise.all([openai.stop(), anthropic.stop()])
    },
  }
}
