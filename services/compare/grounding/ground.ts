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
  if ('words' in claim) return claim.words.every((word) => context.words().has(word))
  return context.plain().includes(plain(claim.quoted))
}

/** As two facts of two answers are held against each other: a bare number backs up one with a unit. */
function isFactIn(context: Context, { kind, values, numbers: own, text }: Fact): boolean {
  if (isWrittenIn(context.text, text.toLowerCase())) return true
  const { known, bare, numbers } = context.facts()
  if (values.some((value) => known.has(`${kind} ${value}`))) return true
  return own.some((value) => (kind === 'number' ? numbers : bare).has(value))
}

const partBefore = /[\p{L}\p{N}]$|\d[.,]$|[\p{L}\p{N}][-_]$/u
const partBehind = /^[\p{L}\p{N}]|^[.,]\d|^[-_][\p{L}\p{N}]/u

/** As it is, and not as a part of another word or number. */
function isWrittenIn(context: string, said: string): boolean {
  for (let at = context.indexOf(said); at !== -1; at = context.indexOf(said, at + 1)) {
    const [before, behind] = [
      context.slice(Math.max(0, at - 2), at),
      context.slice(at + said.length, at + said.length + 2),
    ]
    if (!partBefore.test(before) && !partBehind.test(behind)) return true
  }
  return false
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
