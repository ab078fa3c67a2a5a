import { untranslatable } from '../canonical.ts'
import { type JsonObject, type Target } from '../dialect.ts'
import { field } from '../json.ts'
import { bareModel } from '../model-rules.ts'

/** Models whose provider has them converse only. */
const conversesOnly = /^(gpt-(3\.5-turbo(?!-instruct)|[4-9])|chatgpt|o\d|claude)/

/** A prompt to be continued means something else as a message: it stays in its dialect, with models that continue. */
export function checkContinuing(body: JsonObject, target: Target): JsonObject {
  const { model } = target
  if (model !== null && model !== field(body, 'model') && conversesOnly.test(bareModel(model))) {
    untranslatable(`${model} answers conversations and does not continue a prompt`)
  }
  return body
}

export function untranslatableCompletion(): never {
  return untranslatable('a prompt to be continued has no counterpart in conversations')
}
