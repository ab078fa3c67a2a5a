import { type Logger } from '../../../shared/logger.ts'
import { type AskJudge } from './ask.ts'

const cures: Record<string, string> = {
  credentials_rejected: 'the provider rejects our key: correct apiKey of the judge’s provider',
  quota: 'our account at the judge’s provider is exhausted: raise its quota',
  model_not_found:
    'the provider knows no such model or address: correct compare.judge.model or the baseUrl of its provider',
  unpriced:
    'the judge has a budget and its model no price: add it to the price file or remove compare.judge.budgetUsdPerDay',
  budget_reached: 'the judge’s budget of the day is spent: until midnight UTC the ladder decides alone',
  unparsable: 'the judge does not answer in the form that is asked for: choose a model with structured output',
  provider_away: 'the judge’s provider fails call after call: until it answers again the ladder decides alone',
  limits: 'the judge’s limits leave no room: raise compare.judge.limits or lower compare.judge.sample',
}

/** Each reason once, until the judge gives a verdict again: the comparisons hold every single one. */
export function tellFailures(ask: AskJudge, logger: Logger): AskJudge {
  const told = new Set<string>()
  return async (prompt, draining) => {
    const asked = await ask(prompt, draining)
    if (asked.reason === null) told.clear()
    else if (!told.has(asked.reason)) {
      told.add(asked.reason)
      logger.warn(
        { reason: asked.reason },
        cures[asked.reason] ?? 'the judge gave no verdict: the ladder decides alone',
      )
    }
    return asked
  }
}
