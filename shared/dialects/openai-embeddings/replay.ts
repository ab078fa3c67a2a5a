import { notReplayable } from '../canonical.ts'
import { type JsonObject, type Target } from '../dialect.ts'
import { field } from '../json.ts'

/** Each model has a space of its own: vectors of two models cannot be held against each other. */
export function checkSameSpace(body: JsonObject, target: Target): JsonObject {
  if (target.model !== null && target.model !== field(body, 'model')) {
    notReplayable('vectors of another model cannot be held against the served ones')
  }
  return body
}

export function onlyVectors(): never {
  return notReplayable('vectors cannot be asked of a model that answers in words')
}
