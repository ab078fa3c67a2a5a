import jsonPatch, { type Operation } from 'fast-json-patch'
import { type Json } from '../../../shared/dialects/dialect.ts'

/** More of them are no help to a reader. */
const maxOperations = 1_000

/** What makes the candidate's document of the served one (RFC 6902), for people and their tools. Null: too much to tell. */
export function patchBetween(served: Json, candidate: Json): Operation[] | null {
  if (!isBranch(served) || !isBranch(candidate) || Array.isArray(served) !== Array.isArray(candidate)) {
    return Object.is(served, candidate) ? [] : [{ op: 'replace', path: '', value: candidate }]
  }
  const operations = jsonPatch.compare(served, candidate)
  return operations.length > maxOperations ? null : operations
}

function isBranch(value: Json): value is Json[] | { [name: string]: Json } {
  return typeof value === 'object' && value !== null
}
