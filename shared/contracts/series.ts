import { z } from 'zod'
import { FailureClass } from './report.ts'
import { GateName } from './verdict.ts'

const number = z.number().nullable()
const count = z.int().nonnegative()
const time = z.iso.datetime({ precision: 3 })

/** Of the same exchanges. `control` is null where there is none; `served` is what the client really got. */
const ofAll = z.object({ served: number, candidate: number, control: number })

/** What happened between `at` and the beginning of the next one: only comparisons of the settings of today. */
export const SeriesBucket = z.object({
  at: time,
  /** Pairs that were compared, failures of the candidate among them. */
  comparisons: count,
  /** Means; null where there is nothing to average. */
  quality: number,
  controlQuality: number,
  divergence: number,
  controlDivergence: number,
  /** Failures by what the client would have seen; a class that is left out had none. */
  errors: z.object({
    candidate: z.partialRecord(FailureClass, count),
    control: z.partialRecord(FailureClass, count).nullable(),
  }),
  /** Of answers: a failure has no latency. */
  ttftP50Ms: ofAll,
  ttftP95Ms: ofAll,
  totalP50Ms: ofAll,
  totalP95Ms: ofAll,
  /** Sums over the exchanges of the bucket with a known price; null where none has one. */
  costUsd: ofAll,
})
export type SeriesBucket = z.infer<typeof SeriesBucket>

/** A gate as it stood at a moment, over all evidence until then. `estimate` above 0 is inside the margin. */
export const EvidencePoint = z.object({
  at: time,
  units: count,
  /** Anytime-valid interval of `estimate`. */
  lower: number,
  upper: number,
  estimate: number,
  /** Natural logarithm of the evidence for being inside the margin, and for being outside of it. */
  logEvidence: number,
  logEvidenceNoGo: number,
})
export type EvidencePoint = z.infer<typeof EvidencePoint>

export const GateEvidence = z.object({
  gate: GateName,
  blocking: z.boolean(),
  /** In words. On the scale of `estimate` the margin is at 0. */
  margin: z.string(),
  unit: z.enum(['conversation', 'hour']),
  /** `logEvidence` at which the gate is proven: ln(1 / alpha). */
  line: z.number(),
  /** In the order of time; the last one is of now. */
  points: z.array(EvidencePoint),
})
export type GateEvidence = z.infer<typeof GateEvidence>

/** `GET /api/v1/candidates/:name/series`. */
export const CandidateSeries = z.object({
  version: z.literal(1),
  candidate: z.string(),
  armFingerprint: z.string(),
  /** Of the first bucket; null where there is none. */
  from: time.nullable(),
  asOf: time,
  /** An hour, or whole hours where hours would be too many to draw. */
  bucketSeconds: z.int().positive(),
  /** Those in which something was compared, in the order of time. */
  buckets: z.array(SeriesBucket),
  /** Of the whole campaign, whatever `since` was asked for. */
  evidence: z.array(GateEvidence),
})
export type CandidateSeries = z.infer<typeof CandidateSeries>

/** Counts in bins of equal width over [0, 1], the last one with its end. */
const histogram = z.object({ bins: count, candidate: z.array(count), control: z.array(count).nullable() })

/** Latencies in ms at each of `percents`, values of the sample at most 1 % below the exact ones; a failure is slower than everything and has none, so the list may end in nulls. */
const percentiles = z.object({
  answers: count,
  valuesMs: z.array(number),
})
const latency = z.object({ served: percentiles, candidate: percentiles, control: percentiles.nullable() })

/** `GET /api/v1/candidates/:name/distributions`. */
export const CandidateDistributions = z.object({
  version: z.literal(1),
  candidate: z.string(),
  armFingerprint: z.string(),
  asOf: time,
  quality: histogram,
  divergence: histogram,
  latency: z.object({
    /** 1 to 99. */
    percents: z.array(z.number()),
    ttft: latency,
    total: latency,
  }),
})
export type CandidateDistributions = z.infer<typeof CandidateDistributions>
