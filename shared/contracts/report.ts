import { z } from 'zod'
import { Difference } from './comparison.ts'
import { Verdict } from './verdict.ts'

const number = z.number().nullable()
const count = z.int().nonnegative()
const time = z.iso.datetime({ precision: 3 })

/** A comparison worth reading: what was served, what the candidate said instead. Texts as they were captured. */
export const WorstComparison = z.object({
  comparisonId: z.string(),
  exchangeId: z.string(),
  capturedAt: time,
  route: z.string(),
  task: z.enum(['text', 'label', 'json', 'tools']),
  outcome: z.enum(['equivalent', 'different', 'failed', 'not_comparable']),
  reason: z.string().nullable(),
  decidedBy: z.string(),
  quality: number,
  controlQuality: number,
  divergence: number,
  differences: z.array(Difference),
  servedExcerpt: z.string(),
  armExcerpt: z.string(),
  losses: z.array(z.string()),
})
export type WorstComparison = z.infer<typeof WorstComparison>

/** What kind of failure the client would have seen. `stream`: an answer that broke off or was none. */
export const FailureClass = z.enum(['4xx', '5xx', 'rate limit', 'timeout', 'connection', 'stream'])
export type FailureClass = z.infer<typeof FailureClass>

/** A quantile of the latency, failures being infinitely slow; its interval holds whatever the distribution. */
export const LatencyQuantile = z.object({ tau: z.number(), ms: number, lowerMs: number, upperMs: number })
export type LatencyQuantile = z.infer<typeof LatencyQuantile>

/** What one arm did on the exchanges it was compared on, the tap's sampling undone in shares and means. */
export const ArmFacts = z.object({
  /** Exchanges that it was asked about: answered or failed. */
  asked: count,
  errorRate: number,
  /** 1 − errorRate: the share of requests with a usable answer. */
  availability: number,
  failures: z.array(z.object({ class: FailureClass, kind: z.string(), count, share: z.number() })),
  ttft: z.array(LatencyQuantile),
  total: z.array(LatencyQuantile),
  usdPerRequest: number,
  /** Of all tokens, in and out, of the calls with a price. */
  usdPerMillionTokens: number,
})
export type ArmFacts = z.infer<typeof ArmFacts>

export const CostFacts = z.object({
  /** Exchanges with a price for both arms, which all of this rests on. */
  pairs: count,
  /** The traffic that the candidate would get, the tap's sampling undone. */
  requestsPerMonth: number,
  candidateUsdPerMonth: number,
  controlUsdPerMonth: number,
  /** Below 0 where the candidate costs more. */
  savingUsdPerMonth: number,
  migrationEffortUsd: number,
  /** Null where no effort was given, or nothing is saved. */
  paybackMonths: number,
})
export type CostFacts = z.infer<typeof CostFacts>

/** Exchanges of one prompt, or of what is left of a route. `lost`: quality of control minus candidate, over pairs. */
export const PromptFacts = z.object({
  route: z.string(),
  /** Null: the exchanges of the route without a system prompt of their own, or with rare ones. */
  promptId: z.string().nullable(),
  exchanges: count,
  lost: number,
  lostLower: number,
  lostUpper: number,
  /** Share of the exchanges where the candidate is worse than the control. */
  worseShare: number,
  /** The rung that decided most of those. */
  mostlyBy: z.string().nullable(),
  /** One of those, to look at. */
  example: z.string().nullable(),
  /** By `lost`: within the quality margin, within three of it, above; `too_few` below 30 exchanges. */
  effort: z.enum(['as_is', 'minor', 'rework', 'too_few']),
})
export type PromptFacts = z.infer<typeof PromptFacts>

/** A number to watch while the candidate serves. `baseline`: what was measured of it; null: not enough was measured. */
export const Threshold = z.object({
  metric: z.enum(['errorRate', 'ttftP99Ms', 'totalP99Ms', 'usdPerMillionTokens']),
  baseline: number,
  /** Above what chance alone gives of it. */
  alert: number,
  /** Where the margin of the gate ends, against the served model. */
  rollback: number,
})
export type Threshold = z.infer<typeof Threshold>

/** Counts in bins of equal width over [0, 1], the last one with its end. */
export const Distribution = z.object({ candidate: z.array(count), control: z.array(count).nullable() })
export type Distribution = z.infer<typeof Distribution>

/** What a report says of one candidate besides its verdict. Nothing here decides anything. */
export const CandidateFacts = z.object({
  candidate: z.string(),
  armFingerprint: z.string(),
  /** Hash of what was registered before the first look; null where nothing was. */
  campaign: z.string().nullable(),
  candidateArm: ArmFacts,
  /** On the same exchanges; null without a control. */
  controlArm: ArmFacts.nullable(),
  cost: CostFacts,
  prompts: z.array(PromptFacts),
  thresholds: z.array(Threshold),
  quality: Distribution,
  divergence: Distribution,
  worst: z.array(WorstComparison),
})
export type CandidateFacts = z.infer<typeof CandidateFacts>

/** Everything that a report was made from besides the rows of the store: with the same, the same comes out. */
export const ReportInputs = z.object({
  /** Name of the one candidate that was asked for; null: all. */
  candidate: z.string().nullable(),
  since: time.nullable(),
  asOf: time,
  trafficEnded: z.boolean(),
  migrationEffortUsd: number,
  controlFingerprint: z.string().nullable(),
  priceBook: z.object({ source: z.string(), sha256: z.string() }),
  /** Null: no judge. */
  judge: z.object({ provider: z.string(), model: z.string(), rubricSha256: z.string().nullable() }).nullable(),
  /** Margins as the config has them. */
  gates: z.record(z.string(), z.json()),
})
export type ReportInputs = z.infer<typeof ReportInputs>

export const Signature = z.object({
  algorithm: z.literal('ed25519'),
  /** DER (SPKI) in base64: says which key, proves nothing. Verify with a key you have from elsewhere. */
  publicKey: z.string(),
  /** Of the text of `digest`, in base64. */
  value: z.string(),
})
export type Signature = z.infer<typeof Signature>

/** What `summary --format json` gives, and what its Markdown and HTML carry within. */
export const Report = z.object({
  version: z.literal(1),
  verdicts: z.array(Verdict),
  facts: z.array(CandidateFacts),
  inputs: ReportInputs,
  /** `sha256:` and the hash of the canonical JSON (RFC 8785) of all above. */
  digest: z.string(),
  signature: Signature.nullable(),
})
export type Report = z.infer<typeof Report>

/** JSON Schema (draft 2020-12) of a report. */
export function reportJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(Report), title: 'Understudy report' }
}
