import { readdirSync, readFileSync } from 'node:fs'
import { type Fact } from '../shared/dialects/facts.ts'

const folder = new URL('../fixtures/wire/', import.meta.url)

export type WireCase<Input> = {
  name: string
  kind: string
  title: string
  dialect: unknown
  input: Input
  expect: Fact[]
}

const all = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as WireCase<unknown>)

/** The cases of one kind; none is an error, so that no case goes unrun by a slip of the pen. */
export function wireCases<Input>(kind: string): WireCase<Input>[] {
  const found = all.filter((each) => each.kind === kind)
  if (found.length === 0) throw new Error(`there is no wire case of the kind ${kind}`)
  return found as WireCase<Input>[]
}

export const wireCaseKinds = new Set(all.map(({ kind }) => kind))
