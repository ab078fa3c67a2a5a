import { type Answer } from '../../../shared/contracts/answer.ts'
import { type Fact } from '../facts/fact.ts'
import { readJsonText } from '../json/read.ts'
import { type Json } from '../../../shared/dialects/dialect.ts'
import { type Claim, claimsOf } from './claims.ts'
import { plain } from '../quotations.ts'
import { type Context } from './context.ts'

/** What an answer claims, and what of it is not in the context of the request. */
export type Grounding = { claims: number; missing: Claim[] }

/**
 * Is each number, name and quotation of the answer in the context? A number is in it in any notation and with its unit, or
 * without one; a name where all of its words are; a quotation where its words stand in this order. What was worked out from
 * the context, a sum, say, is not in it. Of a JSON answer, its values are read.
 */
export function ground({ text }: Pick<Answer, 'text'>, context: Context): Grounding {
  const claims = claimsOf(readable(text))
  return { claims: claims.length, missing: claims.filter((claim) => !isIn(context, claim)) }
}

function isIn(context: Context, claim: Claim): boolean {
  if ('fact' in claim) return isFactIn(context, claim.fact)
  if ('words' in claim) return claim.words.every((word) => context.words.has(word))
  return context.text.includes(plain(claim.quoted))
}

/** As two facts of two answers are held against each other: a bare number backs up one with a unit. */
function isFactIn({ facts, bare, numbers, text }: Context, { kind, values, numbers: own, text: said }: Fact): boolean {
  if (values.some((value) => facts.has(`${kind} ${value}`))) return true
  const counts = own ?? values
  if (counts.some((value) => (kind === 'number' ? numbers : bare).has(value))) return true
  // Codes and addresses that the context writes within something else.
  const literal = plain(said)
  return kind !== 'number' && literal.length >= 4 && text.includes(literal)
}

function readable(text: string): string {
  const json = /^\s*[[{`]/.test(text) ? readJsonText(text) : null
  return json === null ? text : valuesOf(json.value).join('\n')
}

function valuesOf(value: Json): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(valuesOf) : []
}
