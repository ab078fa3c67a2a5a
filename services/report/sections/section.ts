import { type Verdict } from '../../../shared/contracts/verdict.ts'

/** A part of the report beside verdict, gates and ledger, in a form that every format can show. Texts hold no markup. */
export type Section = {
  title: string
  /** Sentences for people, each on its own. */
  sentences: readonly string[]
  table: Table | null
}

export type Table = {
  columns: readonly { title: string; isNumber?: boolean }[]
  rows: readonly (readonly string[])[]
}

/** Null where the verdict has nothing to say on the subject. */
export type SectionOf = (verdict: Verdict) => Section | null
