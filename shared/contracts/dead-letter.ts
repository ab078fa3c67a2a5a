import { z } from 'zod'

/** A record a stage could not process, with what is needed to understand it and to send it again. */
export const DeadLetter = z.object({
  version: z.literal(1),
  /** Derived from group, topic, partition and offset: a redelivered failure is the same dead letter. */
  deadLetterId: z.uuid(),
  failedAt: z.iso.datetime({ precision: 3 }),
  /** The consumer group, which is the stage's name. */
  group: z.string(),
  topic: z.string(),
  partition: z.int().nonnegative(),
  offset: z.string(),
  key: z.string(),
  errorCode: z.string(),
  /** What was wrong and the cure. Never a piece of the payload. */
  message: z.string(),
  attempts: z.int().positive(),
  valueBase64: z.string(),
  /** Set when `understudy dead-letters resend` published the record again: the letter is settled. */
  resentAt: z.iso.datetime({ precision: 3 }).nullable(),
})
export type DeadLetter = z.infer<typeof DeadLetter>
