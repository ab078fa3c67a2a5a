import { type Dialect } from '../contracts/exchange.ts'
import { type Loss } from '../contracts/observation.ts'
import { type Json, type JsonObject } from './dialect.ts'
import { field, isObject } from './json.ts'

/** Names of one thing in the dialects and through their history. */
const sameThing = [
  ['max_completion_tokens', 'max_tokens', 'max_output_tokens'],
  ['stop', 'stop_sequences'],
  ['response_format', 'output_config.format', 'output_format', 'text.format'],
  ['response_format.description', 'text.format.description'],
  ['reasoning_effort', 'output_config.effort', 'reasoning.effort', 'thinking'],
  ['verbosity', 'text.verbosity'],
  ['messages.image_url.detail', 'input.input_image.detail'],
]

const namesByName = new Map(sameThing.flatMap((names) => names.map((name) => [name, names])))

/** What chat completions say otherwise than Responses. */
const inResponses = new Map<string, string[]>([
  ['max_tokens', ['max_output_tokens']],
  ['max_completion_tokens', ['max_output_tokens']],
  ['reasoning_effort', ['reasoning', 'effort']],
  ['verbosity', ['text', 'verbosity']],
])

/**
 * The operator's parameters in the words of the dialect a call goes out in. A candidate of this family is described once,
 * in the words of chat completions, whichever endpoints its calls were recorded at.
 */
export function inWordsOf(dialect: Dialect, parameters: JsonObject): JsonObject {
  if (dialect !== 'openai-responses') return parameters
  return Object.entries(parameters).reduce<JsonObject>((patch, [name, value]) => {
    const [head = name, inner] = inResponses.get(name) ?? [name]
    return mergeWords(patch, inner === undefined ? { [head]: value } : { [head]: { [inner]: value } })
  }, {})
}

/** Unlike a merge patch it keeps null, which is still to take something away. */
function mergeWords(one: JsonObject, other: JsonObject): JsonObject {
  const both = Object.entries(other).map(([name, value]): [string, Json] => {
    const before = field(one, name)
    return [name, isObject(before) && isObject(value) ? mergeWords(before, value) : value]
  })
  return Object.fromEntries([...Object.entries(one), ...both])
}

/** A loss is named as the recorded request names the parameter, where it does. */
export function inRecordedWords(loss: Loss, recorded: JsonObject): Loss {
  // To say null is to say nothing.
  const isHere = (name: string) => (valueAt(recorded, name) ?? null) !== null
  if (isHere(loss.parameter)) return loss
  const parameter = namesOf(loss.parameter).find(isHere)
  return parameter === undefined ? loss : { ...loss, parameter }
}

/** Is the loss an invention: something the recorded request does not say under any name, and is said now? */
export function isAssumption(loss: Loss, recorded: JsonObject): boolean {
  return loss.kind === 'emulated' && !namesOf(loss.parameter).some((name) => isSaid(recorded, headOf(name)))
}

/** Did the operator settle the parameter, under any of its names? Then nothing is lost that was not meant to be. */
export function isSettled(loss: Loss, parameters: JsonObject): boolean {
  return namesOf(loss.parameter).some((name) => isSaid(parameters, name) || field(parameters, headOf(name)) === null)
}

/** The other names of what the operator set, which must not stand beside it. */
export function otherNames(parameters: JsonObject): string[] {
  const set = Object.keys(parameters)
  return set.flatMap((name) => namesOf(name)).filter((name) => !name.includes('.') && !set.includes(name))
}

function namesOf(parameter: string): string[] {
  return namesByName.get(parameter) ?? [parameter]
}

function headOf(path: string): string {
  const dot = path.indexOf('.')
  return dot === -1 ? path : path.slice(0, dot)
}

function isSaid(body: JsonObject, path: string): boolean {
  return valueAt(body, path) !== undefined
}

function valueAt(body: JsonObject, path: string): Json | undefined {
  const head = headOf(path)
  const value = field(body, head)
  // What stands within a conversation is named by its kind, not by its place.
  const isWhole = head.length === path.length || value === undefined || Array.isArray(value)
  return isWhole ? value : field(value, path.slice(head.length + 1))
}
