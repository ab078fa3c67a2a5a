import { z } from 'zod'
import { Task } from './exchange.ts'

const number = z.number().nullable()
const count = z.int().nonnegative()
const time = z.iso.datetime({ precision: 3 })

/** What a person says of one answer. `unsure` takes the answer off the person's queue and is in no statistic. */
export const ReviewLabel = z.enum(['fine', 'not_fine', 'unsure'])
export type ReviewLabel = z.infer<typeof ReviewLabel>

/**
 * Why a pair is in the queue. `disagreement`: the checks, the judge, the arms or two people say different things of it. `unsure`:
 * nothing could decide it. Both were picked, so they are in no estimate. `random_fail`, `random_pass`: drawn by a hash of the
 * exchange's id, whatever else is known of it; estimates rest on these alone.
 */
export const ReviewReason = z.enum(['disagreement', 'unsure', 'random_fail', 'random_pass'])
export type ReviewReason = z.infer<typeof ReviewReason>

/** Whose answer is meant. `arm`: the candidate's. */
export const ReviewedAnswer = z.enum(['served', 'arm'])
export type ReviewedAnswer = z.infer<typeof ReviewedAnswer>

/** Where an answer stands on the page: the same for the same pair, always. */
export const ReviewPlace = z.literal([1, 2])
export type ReviewPlace = z.infer<typeof ReviewPlace>

/** A text that is shown up to a bound. `chars` is its whole length in UTF-16 units; `cut`: only its beginning is here. */
export const ReviewText = z.object({ text: z.string(), chars: count, cut: z.boolean() })
export type ReviewText = z.infer<typeof ReviewText>

/**
 * `stored`: it is here. `excerpt`: only its beginning, which is kept longer, is. `hidden`: not for whoever asks, or sealed with a key that is
 * not configured. `none`: deleted or never kept.
 */
export const ReviewTextState = z.enum(['stored', 'excerpt', 'hidden', 'none'])
export type ReviewTextState = z.infer<typeof ReviewTextState>

export const ReviewShown = z.object({
  place: ReviewPlace,
  /** Null where the asker is blind. */
  about: ReviewedAnswer.nullable(),
  state: ReviewTextState,
  /** What the client would have read: the text, else the refusal. Null where `state` is `hidden` or `none`. */
  text: ReviewText.nullable(),
  toolCalls: z.array(z.object({ name: z.string(), argumentsText: ReviewText })),
  /** Why there is no usable answer (`timeout`, `server_error`); null where there is one. */
  failure: z.string().nullable(),
  /** What the asker has said of this answer; null: nothing yet. */
  label: ReviewLabel.nullable(),
})
export type ReviewShown = z.infer<typeof ReviewShown>

export const ReviewDisagreement = z.object({
  /** `judge_and_checks`, `candidate_and_control`, `quality_and_similarity`: two measures of it; `reviewers`: two people. */
  between: z.enum(['judge_and_checks', 'candidate_and_control', 'quality_and_similarity', 'reviewers']),
  /** From 0 to 1. */
  size: z.number(),
})
export type ReviewDisagreement = z.infer<typeof ReviewDisagreement>

/** One pair to look at. Whatever would tell a blind asker which answer is whose, or what was made of it, is null. */
export const ReviewItem = z.object({
  exchangeId: z.string(),
  arm: z.string(),
  armFingerprint: z.string(),
  comparisonId: z.string(),
  capturedAt: time,
  route: z.string(),
  task: Task,
  language: z.string().nullable(),
  why: ReviewReason.nullable(),
  /**
   * With which the pair came into the random share, in (0, 1]; 0: it was picked. Null for a blind asker: a share of passes and one
   * of failures differ.
   */
  samplingProbability: number,
  disagreement: ReviewDisagreement.nullable(),
  outcome: z.enum(['equivalent', 'different', 'failed']).nullable(),
  quality: number,
  divergence: number,
  decidedBy: z.string().nullable(),
  request: z.object({
    state: ReviewTextState,
    /** Null where it has none, or `state` is not `stored`. */
    system: ReviewText.nullable(),
    /** Each under the name of who spoke: `user: …`. */
    turns: z.array(ReviewText),
    /** Turns at the beginning that are not in here. */
    turnsLeftOut: count,
  }),
  /** By place. */
  answers: z.tuple([ReviewShown, ReviewShown]),
})
export type ReviewItem = z.infer<typeof ReviewItem>

/**
 * `GET /api/v1/review/queue?candidate=&blind=true|false&limit=&since=`: pairs whose candidate's answer the asker has not labelled.
 * Disagreements come first, the largest before, then what is unsure, the newest before; after every three of those stands one of the
 * random share, in the order of its hash. A picked pair leaves everybody's queue with its first label, unless people disagree about it;
 * one of the random share only that of who labelled it, so that people can be held against each other.
 */
export const ReviewQueue = z.object({
  version: z.literal(1),
  candidate: z.string(),
  blind: z.boolean(),
  items: z.array(ReviewItem),
  /** In the whole queue of the asker. */
  waiting: z.object({ disagreement: count, unsure: count, randomFail: count, randomPass: count }),
  /** How much of passes and of failures is drawn. */
  shares: z.object({ passes: z.number(), failures: z.number() }),
})
export type ReviewQueue = z.infer<typeof ReviewQueue>

/**
 * `POST /api/v1/reviews` (reviewer), answered by 201 and a `Review`. `place` says which of the two answers is meant, as in the queue; it must be
 * given where `blind` is true, and is the candidate's where it is left out.
 */
export const ReviewRequest = z.strictObject({
  exchangeId: z.uuid(),
  arm: z.string().min(1),
  label: ReviewLabel,
  place: ReviewPlace.optional(),
  note: z.string().max(4_000).optional(),
  blind: z.boolean(),
})
export type ReviewRequest = z.infer<typeof ReviewRequest>

/** One label. Of several by one person on one answer the latest that is not undone holds; undoing it restores the one before. */
export const Review = z.object({
  reviewId: z.string(),
  exchangeId: z.string(),
  arm: z.string(),
  armFingerprint: z.string(),
  about: ReviewedAnswer,
  label: ReviewLabel,
  /** Null: none, or not for whoever asks. */
  note: z.string().nullable(),
  blind: z.boolean(),
  reviewer: z.string(),
  why: ReviewReason.nullable(),
  /** 0: picked. */
  samplingProbability: z.number(),
  labelledAt: time,
  undoneAt: time.nullable(),
  /** It is the one that holds of this person on this answer. */
  inForce: z.boolean(),
})
export type Review = z.infer<typeof Review>

/**
 * `POST /api/v1/reviews` and `DELETE /api/v1/reviews/:id` (reviewer: one's own; admin: any). A blind label is answered without `about`, `why`
 * and `samplingProbability` (null): whoever labels on must stay blind.
 */
export const ReviewAnswered = z.object({
  version: z.literal(1),
  review: Review.omit({ about: true, samplingProbability: true }).extend({
    about: ReviewedAnswer.nullable(),
    samplingProbability: number,
  }),
})
export type ReviewAnswered = z.infer<typeof ReviewAnswered>

/** `GET /api/v1/reviews?candidate=&exchangeId=&limit=`: the newest first, undone ones too. */
export const Reviews = z.object({ version: z.literal(1), reviews: z.array(Review) })
export type Reviews = z.infer<typeof Reviews>

/** Cohen's kappa over `pairs` answers of the random share, each weighted by the inverse of its chance to be drawn. */
export const KappaOf = z.object({
  pairs: count,
  /** Null for too few answers, or where chance alone agrees always. */
  kappa: number,
  /** Interval of level 1 − 2·alpha. */
  lower: number,
  upper: number,
  /** Share on which both agree. High where most answers are fine, whatever the two know: read kappa. */
  agreement: number,
})
export type KappaOf = z.infer<typeof KappaOf>

/** Mean over all comparisons of what people would say, from the labels of the random share and the scores of all. */
export const HumanEstimate = z.object({
  estimate: z.number(),
  lower: z.number(),
  upper: z.number(),
  /** Answers with labels that it rests on. */
  labels: count,
  /** 0: the scores told nothing about people. 1: all of what they could. */
  lambda: z.number(),
  /** The same from labels alone. */
  labelsOnly: z.object({ estimate: z.number(), lower: z.number(), upper: z.number() }),
})
export type HumanEstimate = z.infer<typeof HumanEstimate>

/** One stratum of the random share. */
export const ReviewCoverage = z.object({
  stratum: z.enum(['pass', 'fail']),
  comparisons: count,
  /** Of those, in the random share. */
  drawn: count,
  /** Of those, with a label that says fine or not fine. */
  labelled: count,
  samplingProbability: z.number(),
})
export type ReviewCoverage = z.infer<typeof ReviewCoverage>

/** What people say of a candidate's answers, as a verdict carries it. In no gate. */
export const HumanReview = z.object({
  /** Labels in force on the candidate's answers of these settings, and those of them that were picked and are in no estimate. */
  labels: count,
  picked: count,
  unsure: count,
  blind: count,
  reviewers: count,
  coverage: z.array(ReviewCoverage),
  /** Share of the candidate's answers that people would call fine. Null: too few labels; `whyNone` says of what. */
  fine: HumanEstimate.nullable(),
  /** Candidate minus served, where people labelled both answers. */
  difference: HumanEstimate.nullable(),
  whyNone: z.string().nullable(),
  /** Every two people with answers in common. */
  betweenReviewers: z.array(KappaOf.extend({ reviewers: z.tuple([z.string(), z.string()]) })),
  /** Krippendorff's alpha over all people and answers; null: nothing was labelled twice. */
  alpha: number,
  /** People (the majority on each answer) against `quality`: equivalent or not. `judge`, `checks`: where the judge decided, or the ladder. */
  againstMeasures: z.array(KappaOf.extend({ measure: z.enum(['quality', 'judge', 'checks']) })),
  /** How well each score tells fine answers from others: 0.5 not at all, 1 always, 0 the wrong way round. */
  againstScores: z.array(z.object({ score: z.string(), answers: count, auc: z.number() })),
  /** At least 100 labels, kappa with `quality` at least 0.6 and its lower bound at least 0.4. */
  qualityIsCalibrated: z.boolean(),
})
export type HumanReview = z.infer<typeof HumanReview>

/** `GET /api/v1/reviews/agreement?candidate=&since=`. `review` null: nobody has labelled anything. */
export const ReviewAgreement = z.object({
  version: z.literal(1),
  candidate: z.string(),
  alpha: z.number(),
  review: HumanReview.nullable(),
})
export type ReviewAgreement = z.infer<typeof ReviewAgreement>
