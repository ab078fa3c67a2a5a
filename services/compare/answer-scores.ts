import { type Answer } from '../../shared/contracts/answer.ts'
import { type Grounding } from './grounding/ground.ts'
import { readJsonText } from './json/read.ts'
import { schemaViolation } from './json/schema.ts'
import { type TaskFacts } from './task.ts'

/**
 * What is told of an answer by itself, of served answer, control and candidate alike. `schema_kept`: 1 or 0, where the request
 * gave a schema for the answer, or for the tools that it calls. `grounded`: share of its claims that are in the context of the
 * request, and `grounded_claims`, how many it makes.
 */
export function answerScoresOf(answer: Answer, facts: TaskFacts, grounding: Grounding | null): Record<string, number> {
  const kept = isSchemaKept(answer, facts)
  return {
    ...(kept === null ? {} : { schema_kept: kept ? 1 : 0 }),
    ...(grounding === null ? {} : { grounded: shareIn(grounding), grounded_claims: grounding.claims }),
  }
}

const shareIn = ({ claims, missing }: Grounding): number => (claims === 0 ? 1 : (claims - missing.length) / claims)

/** Null where no schema was given. A call to a tool that is not on offer keeps to none. */
function isSchemaKept({ text, toolCalls }: Answer, { schema, asked }: TaskFacts): boolean | null {
  if (toolCalls.length > 0) {
    const schemas = asked?.toolSchemas ?? new Map()
    if (schemas.size === 0) return null
    return toolCalls.every(({ name, argumentsText }) => {
      const value = readJsonText(argumentsText.trim() || '{}')
      const parameters = schemas.get(name)
      if (parameters === undefined || value?.form !== 'strict') return false
      return parameters === null || schemaViolation(parameters, value.value) === null
    })
  }
  if (schema === null) return null
  const value = readJsonText(text)
  return value?.form === 'strict' && schemaViolation(schema, value.value) === null
}
