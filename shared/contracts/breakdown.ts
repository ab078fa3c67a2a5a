import { z } from 'zod'
import { PairOutcome } from './comparison.ts'

const share = z.number().min(0).max(1)
const exchanges = z.int().nonnegative()
/** Of candidate and control on the same exchanges. Null: the control is switched off. */
const both = <Value extends z.ZodType>(value: Value) => ({ candidate: value, control: value.nullable() })

/**
 * Answers to a label task against the served ones. `counts[served][answered]`, both by the place in `labels`; the last column
 * is everything that is none of them. Null: nothing to divide by.
 */
export const LabelTable = z.object({
  counts: z.array(z.array(z.int().nonnegative())),
  accuracy: share.nullable(),
  classes: z.array(z.object({ precision: share.nullable(), recall: share.nullable(), f1: share.nullable() })),
})
export type LabelTable = z.infer<typeof LabelTable>

/** Numbers, names and quotations in answers, and the share of them that is not in what the request gives. */
const Claims = z.object({ claims: z.number().nonnegative(), ungrounded: share })

/** A number in [0, 1] for each answer, averaged: of the served answer only where it is judged by itself. */
export const RouteMeasure = z.object({
  route: z.string(),
  measure: z.enum(['tool_f1', 'argument_accuracy', 'schema_kept']),
  exchanges,
  served: share.nullable(),
  ...both(share),
})
export type RouteMeasure = z.infer<typeof RouteMeasure>

/**
 * What comparing found, beside what it found of the served model asked again: so much of it is noise. Shares are of traffic
 * (the sampling is undone), over exchanges on which both were compared; labels are as counted.
 */
export const Breakdown = z.object({
  exchanges,
  findings: z.object(both(z.record(PairOutcome, share))),
  /** `decided`: share of pairs that this rung of the ladder settled; `harmful`: that it found harmful. */
  rungs: z.array(z.object({ rung: z.string(), decided: z.object(both(share)), harmful: z.object(both(share)) })),
  /** `rung:kind` → share of pairs that differ so. */
  kinds: z.array(z.object({ kind: z.string(), ...both(share) })),
  /** Where documents and tool calls differ, as share of the pairs of the route in which they could be compared. */
  places: z.array(z.object({ route: z.string(), path: z.string(), exchanges, ...both(share) })),
  measures: z.array(RouteMeasure),
  labels: z.array(z.object({ route: z.string(), exchanges, labels: z.array(z.string()), ...both(LabelTable) })),
  grounding: z.array(z.object({ route: z.string(), exchanges, served: Claims, ...both(Claims) })),
})
export type Breakdown = z.infer<typeof Breakdown>
