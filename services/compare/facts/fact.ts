import { type Shape } from './common-shapes.ts'

export const factKinds = [
  'amount',
  'percentage',
  'duration',
  'measure',
  'number',
  'date',
  'year',
  'time',
  'weekday',
  'link',
  'e-mail address',
  'code',
  'phone number',
  'answer',
] as const
export type FactKind = (typeof factKinds)[number]

/** Something a text states that can be checked without understanding it. */
export type Fact = {
  kind: FactKind
  /** Its normal forms; two facts are the same if they share one. Several where the notation is ambiguous (`1.299`). */
  values: readonly string[]
  /** The number in it, without unit: what a bare number on the other side is held against; `values` where it holds none. */
  numbers: readonly string[]
  /** The numbers of kind and value together, and of the numbers alone, among the words of `vocabulary`. */
  keys: readonly number[]
  numberKeys: readonly number[]
  /** As it was written. */
  text: string
  /** Where it stands in its text. */
  index: number
  /** A vague one (`a week`) can back up the other side's fact and is never missed itself. */
  isWeak: boolean
}

/** What a rule reads: a fact, without its place in the text. */
export type Found = Pick<Fact, 'kind' | 'values'> & Partial<Pick<Fact, 'numbers' | 'text' | 'isWeak'>>

/** The groups of a pattern's match. */
export type Match = readonly (string | undefined)[]

export type Rule = {
  /** Where it may begin, a bit of `begins`: the pattern, which is sticky, is tried only there. */
  at: number
  pattern: RegExp
  /** Where the pattern's match at this place would end, told in less time. */
  common?: Shape
  /** Null: looked like one and is not; later rules see the text again. An empty list takes it as no fact at all. */
  read: (match: Match) => Found[] | null
}
