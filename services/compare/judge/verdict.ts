import { z } from 'zod'

export const winners = ['first', 'second', 'tie'] as const
export type Winner = (typeof winners)[number]

const Verdict = z.object({ reason: z.string().default(''), winner: z.enum(winners) })
export type JudgeVerdict = z.infer<typeof Verdict>

/** Null where the text is not the object that was asked for, and nothing but that: a verdict is never guessed from prose. */
export function readVerdict(text: string): JudgeVerdict | null {
  try {
    return Verdict.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
