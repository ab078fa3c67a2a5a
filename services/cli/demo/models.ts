import { type Verdict } from '../../../shared/contracts/verdict.ts'

/** How a pretend model behaves. Its name is a real one, so that it has a price. */
export type Behaviour = {
  /** Share of answers that are wrong in a way that word overlap hardly sees. */
  slipRate: number
  /** Share of requests that this model fails, however often it is asked again. */
  failureRate: number
  /** Factor on every latency. */
  slowness: number
  /** Wraps its JSON in a Markdown fence, so that `JSON.parse` refuses it. */
  fencesJson: boolean
}

const faithful: Behaviour = { slipRate: 0.005, failureRate: 0, slowness: 1, fencesJson: false }

export const servedModels = { openai: 'gpt-4o', anthropic: 'claude-sonnet-4-6' } as const

type DemoCandidate = {
  provider: 'openai' | 'anthropic'
  model: string
  behaviour: Behaviour
  /** The verdict that is right about it. */
  deserves: Verdict['verdict']
}

/** The demo's candidates, by the name that tells what is the matter with them. */
export const candidates = {
  equivalent: { provider: 'openai', model: 'gpt-4.1-mini', behaviour: faithful, deserves: 'go' },
  subtle: {
    provider: 'anthropic',
    model: 'claude-haiku-4-5',
    behaviour: { ...faithful, slipRate: 0.12 },
    deserves: 'no_go',
  },
  fenced: {
    provider: 'openai',
    model: 'gpt-4.1-nano',
    behaviour: { ...faithful, fencesJson: true },
    deserves: 'no_go',
  },
  flaky: {
    provider: 'openai',
    model: 'gpt-4o-mini',
    behaviour: { ...faithful, failureRate: 0.12, slowness: 2.5 },
    deserves: 'no_go',
  },
} as const satisfies Record<string, DemoCandidate>

/** Behaviour of each model at its provider. */
export const modelsAt: Record<'openai' | 'anthropic', Record<string, Behaviour>> = {
  openai: { [servedModels.openai]: faithful, ...candidatesAt('openai') },
  anthropic: { [servedModels.anthropic]: faithful, ...candidatesAt('anthropic') },
}

function candidatesAt(provider: 'openai' | 'anthropic'): Record<string, Behaviour> {
  const there = Object.values(candidates).filter((candidate) => candidate.provider === provider)
  return Object.fromEntries(there.map(({ model, behaviour }) => [model, behaviour]))
}
