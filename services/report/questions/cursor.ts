import { z } from 'zod'
import { UnderstudyError } from '../../../shared/errors.ts'
import { sha256Hex } from '../../../shared/ids.ts'

/** Behind which row a page begins: its value in the order, its capture, its id, and which version of it. */
export const Position = z.object({ value: z.number(), capturedAtMs: z.int(), id: z.guid(), comparedAtMs: z.int() })
export type Position = z.infer<typeof Position>

const Cursor = Position.extend({ of: z.string() })

/** Of everything that is asked but for the page: a cursor of one question says nothing of another. */
export function questionId(question: object): string {
  return sha256Hex(JSON.stringify(question)).slice(0, 12)
}

export function cursorOf(position: Position, of: string): string {
  return Buffer.from(JSON.stringify({ ...Position.parse(position), of })).toString('base64url')
}

/** USAGE where it is none, or that of another question. */
export function positionIn(cursor: string, of: string): Position {
  const parsed = Cursor.safeParse(jsonIn(Buffer.from(cursor, 'base64url').toString()))
  const cure = 'take it from "next" of the page before, and leave all other parameters as they were'
  if (!parsed.success) throw new UnderstudyError('USAGE', `"cursor" cannot be read: ${cure}`)
  if (parsed.data.of !== of) throw new UnderstudyError('USAGE', `"cursor" is of another question: ${cure}`)
  const { of: _of, ...position } = parsed.data
  return position
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
