import { type Loss } from '../contracts/observation.ts'
import { type JsonObject } from './dialect.ts'
import { field } from './json.ts'

/** Names of one thing in the dialects and through their history. */
const sameThing = [
  ['max_completion_tokens', 'max_tokens'],
  ['stop', 'stop_sequences'],
  ['response_format', 'output_config.format', 'output_format'],
  ['reasoning_effort', 'output_config.effort', 'thinking'],
]

/** A loss is named as the recorded request names the parameter, where it does. */
export function inRecordedWords(loss: Loss, recorded: JsonObject): Loss {
  const names = namesOf(loss.parameter)
  return { ...loss, parameter: names.find((name) => isSaid(recorded, name)) ?? loss.parameter }
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
  return sameThing.find((names) => names.includes(parameter)) ?? [parameter]
}

function headOf(path: string): string {
  return path.split('.', 1)[0]!
}

function isSaid(body: JsonObject, path: string): boolean {
  const [head = '', ...rest] = path.split('.')
  const value = field(body, head)
  if (rest.length === 0 || value === undefined) return value !== undefined
  return field(value, rest.join('.')) !== undefined
}
