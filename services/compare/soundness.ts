import { type Answer } from '../../shared/contracts/answer.ts'
import { type JsonObject } from '../../shared/dialects/dialect.ts'
import { parseJson } from '../../shared/dialects/json.ts'
import { readJsonText } from './json/read.ts'
import { schemaViolation } from './json/schema.ts'
import { isRefusal } from './refusal.ts'

type SoundnessFacts = { jsonExpected: boolean; schema?: JsonObject | null }

/**
 * An answer judged by itself: 1 if it is whole, not refused, not empty, valid JSON where JSON was asked for (as
 * `JSON.parse` has it, without fences), by the schema that was asked for, and every tool call's arguments are a JSON object; else 0.
 */
export function soundnessOf(answer: Answer | null, { jsonExpected, schema = null }: SoundnessFacts): number {
  if (answer === null || answer.outcome !== 'ok' || !answer.complete || isRefusal(answer)) return 0
  if (answer.toolCalls.length > 0) return answer.toolCalls.every((call) => isArgumentObject(call.argumentsText)) ? 1 : 0
  if (answer.text.trim() === '') return 0
  if (!jsonExpected) return 1
  const value = parseJson(answer.text)
  if (value === undefined) return 0
  return schema === null || schemaViolation(schema, value) === null ? 1 : 0
}

/** Empty arguments are what a tool without parameters is called with. */
function isArgumentObject(text: string): boolean {
  if (text.trim() === '') return true
  const json = readJsonText(text)
  return json?.form === 'strict' && typeof json.value === 'object' && json.value !== null && !Array.isArray(json.value)
}
