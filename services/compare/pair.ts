import { type FactVeto } from '../../shared/config/schema.ts'
import { type Answer } from '../../shared/contracts/answer.ts'
import { type Task } from '../../shared/contracts/exchange.ts'
import { type JsonObject } from '../../shared/dialects/dialect.ts'
import { type KeptFacts, keptFacts } from './facts/kept-facts.ts'
import { compareFields, type FieldComparison } from './json/compare-fields.ts'
import { type Grounding } from './grounding/ground.ts'
import { compareTexts, type TextComparison } from './meaning/compare-texts.ts'
import { type JsonText, readJsonText } from './json/read.ts'
import { lazy } from './text/lazy.ts'
import { readBoth } from './text/reading.ts'
import { isRougeApplicable, type Rouge, rougeOfTokens } from './text/rouge.ts'
import { squadTokens, type TokenPair, wordTokens } from './text/tokens.ts'
import { type Covering } from './waivers/covering.ts'
import { compareToolCalls, type ToolComparison } from './tool-calls.ts'

/** Two answers to one request, with what rungs and scorers share worked out once, when first asked for. */
export type Pair = {
  task: Task
  jsonExpected: boolean
  /** The JSON Schema that was asked for. */
  schema: JsonObject | null
  factVeto: FactVeto
  /** Both answers against the context of the request, where quality hangs on it. */
  grounding: { served: Grounding; arm: Grounding } | null
  /** The waivers that apply; null where there are none. */
  covering: Covering | null
  served: Answer
  arm: Answer
  servedJson: () => JsonText | null
  armJson: () => JsonText | null
  /** Null where either text is not JSON. */
  fields: () => FieldComparison | null
  /** Null where neither answer calls a tool. */
  tools: () => ToolComparison | null
  texts: () => TextComparison
  /** What of the served text's facts the arm's text keeps: a part of `texts` that needs no sentence. */
  keptFacts: () => KeptFacts
  /** The words of both texts; null where they would leave out more than half of the letters. */
  words: () => TokenPair | null
  /** The words of both texts in SQuAD's normal form. */
  squadWords: () => TokenPair
  /** Null where it is not applicable. */
  rouge: () => Rouge | null
}

export type PairInput = Pick<Pair, 'task' | 'jsonExpected' | 'schema' | 'served' | 'arm'> &
  Partial<Pick<Pair, 'factVeto' | 'grounding' | 'covering'>>

export function pairOf(input: PairInput): Pair {
  const { served, arm, covering = null } = input
  const servedJson = lazy(() => readJsonText(served.text))
  const armJson = lazy(() => readJsonText(arm.text))
  const words = lazy(() => (isRougeApplicable(served.text, arm.text) ? wordTokens(served.text, arm.text) : null))
  return {
    factVeto: 'text',
    grounding: null,
    ...input,
    covering,
    servedJson,
    armJson,
    fields: lazy(() => {
      const [left, right] = [servedJson(), armJson()]
      return left && right && compareFields(left.value, right.value, covering)
    }),
    tools: lazy(() =>
      served.toolCalls.length + arm.toolCalls.length === 0
        ? null
        : compareToolCalls(served.toolCalls, arm.toolCalls, covering),
    ),
    texts: lazy(() =>
      compareTexts(served.text, arm.text, { isCut: served.outcome === 'truncated_by_limit', covering }),
    ),
    keptFacts: lazy(() => keptFacts(...readBoth(served.text, arm.text))),
    words,
    squadWords: lazy(() => squadTokens(served.text, arm.text)),
    rouge: lazy(() => {
      const tokens = words()
      return tokens && rougeOfTokens(tokens)
    }),
  }
}
