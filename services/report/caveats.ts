import { type Breakdown } from '../../shared/contracts/breakdown.ts'
import { type Judging, type Scoring } from '../../shared/contracts/verdict.ts'
import { type Bursts, burstsOf } from './bursts.ts'
import { type JudgeOfReport } from './judging.ts'
import { isControlled, type PairRow, type Pair, weightedMean } from './pairs.ts'
import { type Units } from './units.ts'
import { count, counted, percent, span } from './words.ts'

export type CaveatFacts = {
  /** Rows of the candidate as it is configured now. */
  rows: readonly PairRow[]
  pairs: readonly Pair[]
  breakdown: Breakdown | null
  units: Units
  days: number
  hasControl: boolean
  judge: JudgeOfReport | null
  judging: Judging | null
  candidates: number
  candidatesCompete: boolean
  /** Comparisons made with other settings of this candidate. */
  otherSettings: number
  trafficEnded: boolean
  /** Only traffic from a chosen moment on was read. */
  isWindow: boolean
  scoring?: Scoring | null | undefined
}

const weekDays = 7
/** Above this many exchanges per conversation, the conversation key is probably not one. */
const crowded = 20

/** What a sceptic should be told, most important first. */
export function caveatsOf(facts: CaveatFacts): string[] {
  return [noControl, notCompared, uncontrolled, noisyControl, bursts, controlBursts, noJudge]
    .concat([unjudged, otherJudge, kin, waivers, mixedVersions, unscored])
    .concat([losses, servedModels, unpriced, conversations, open, late, period, window, otherSettings, competition])
    .flatMap((caveat) => caveat(facts) ?? [])
}

/** Of exchanges that were asked and scored elsewhere: nothing about how, which only who did it knows. */
export function caveatsOnScores(
  facts: Pick<CaveatFacts, 'pairs' | 'days'> & { hasControl: boolean; isTimed: boolean },
) {
  const inTime = facts.isTimed ? [bursts, controlBursts, period] : []
  return [uncontrolled, unpriced, ...inTime].flatMap((caveat) => caveat(facts) ?? [])
}

type Caveat = (facts: CaveatFacts) => string | null

const noControl: Caveat = ({ hasControl }) =>
  hasControl
    ? null
    : 'the control is switched off: how much the served model disagrees with itself is unknown, the replay is not known to be faithful, and no candidate can reach GO'

const uncontrolled = ({ pairs, hasControl }: Pick<CaveatFacts, 'pairs' | 'hasControl'>) => {
  const alone = pairs.filter((pair) => pair.control === null).length
  if (!hasControl || alone === 0) return null
  return `${counted(alone, 'comparison')} (${percent(alone / pairs.length)}) without an answer of the control: only in the error ceiling`
}

const notCompared: Caveat = ({ rows, pairs }) => {
  const left = rows.length - pairs.length
  if (left === 0) return null
  const reasons = new Map<string, number>()
  for (const { outcome, reason } of rows) {
    if (outcome === 'not_comparable') reasons.set(reason ?? 'unknown', (reasons.get(reason ?? 'unknown') ?? 0) + 1)
  }
  const [most] = [...reasons].toSorted(([, a], [, b]) => b - a)
  const mostly = most === undefined ? '' : `, most often (${count(most[1])}) because of ${most[0]}`
  return `${counted(left, 'exchange')} (${percent(left / rows.length)}) could not be compared and are in no gate${mostly}: the verdict does not speak for them`
}

/** Below this the served model itself rarely gives the same answer twice. */
const steady = 0.8

const noisyControl: Caveat = ({ pairs }) => {
  const controlled = pairs.filter(isControlled)
  const agreement = weightedMean(controlled, (pair) => (pair.control.error ? null : pair.control.quality))
  if (agreement === null || agreement >= steady) return null
  return `the served model, asked again, keeps only ${percent(agreement)} of its own served answers: the quality margin starts from there, so make sure that the control is asked just as the served model is`
}

const bursts = ({ pairs }: Pick<CaveatFacts, 'pairs'>) =>
  burstCaveat(
    'the candidate',
    burstsOf(pairs, (pair) => pair.candidate.error),
  )

/** An incident of the control makes the candidate look better. */
const controlBursts = ({ pairs }: Pick<CaveatFacts, 'pairs'>) =>
  burstCaveat(
    'the control',
    burstsOf(pairs.filter(isControlled), (pair) => pair.control.error),
  )

function burstCaveat(arm: string, bursts: Bursts | null): string | null {
  if (bursts === null) return null
  return `failures of ${arm} come in bursts (${percent(bursts.share)} of them in ${counted(bursts.worst, 'hour')} of ${count(bursts.all)}): the gates on errors and latency take conversations as independent, so their evidence is weaker than it looks, unless their unit is the hour (gates.errors.unit, gates.ttftP95.unit …)`
}

const noJudge: Caveat = ({ breakdown, judging }) => {
  if (judging?.counts) return null
  const unsure = breakdown?.findings.candidate.unsure ?? 0
  const open = `nothing that can be checked speaks against ${percent(unsure)} of the answers, and whether they mean the same as the served ones only a judge or a person can settle`
  if (judging === null) return unsure === 0 ? null : `no judge: ${open}`
  return `no judge that counts (${inconsistency(judging)}): ${unsure === 0 ? 'quality is what the checks make of the answers' : open}`
}

const waivers: Caveat = ({ scoring, pairs }) => {
  if (!scoring || scoring.waived.comparisons === 0) return null
  const { comparisons } = scoring.waived
  return `differences of ${counted(comparisons, 'comparison')} (${percent(comparisons / Math.max(comparisons, pairs.length))}) are waived and count for nothing: see Waived differences`
}

const mixedVersions: Caveat = ({ scoring }) => {
  if (!scoring || scoring.versions.length < 2) return null
  const made = scoring.versions.map(({ version, comparisons }) => `${count(comparisons)} by ${version || 'none'}`)
  return `comparisons of ${scoring.versions.length} scorer versions are pooled, the newest of each exchange (${made.join(', ')}): understudy compare --rescore makes them alike`
}

/** A scorer that lowers quality and said nothing has lowered nothing. */
const unscored: Caveat = ({ scoring }) => {
  const silent = (scoring?.own ?? [])
    .filter(({ as }) => as === 'quality')
    .flatMap(({ name, notScored }) => {
      const missing = notScored.reduce((sum, { comparisons }) => sum + comparisons, 0)
      return missing === 0 ? [] : [`${name} ${counted(missing, 'answer')}`]
    })
  return silent.length === 0
    ? null
    : `scorers that make quality gave no score (${silent.join(', ')}): the quality of these is the ladder’s alone`
}

const inconsistency = ({ consistency, judgedTwice }: Judging) =>
  `the one there is gave the same score in both orders in only ${percent(consistency)} of ${counted(judgedTwice, 'pair')}`

/** An inconsistent pair is settled: neither answer is better. */
const unjudged: Caveat = ({ judging }) => {
  if (judging === null || !judging.counts) return null
  const reasons = Object.entries(judging.undecidedByReason).filter(([reason]) => reason !== 'inconsistent')
  const left = reasons.reduce((sum, [, seen]) => sum + seen, 0)
  const [most] = reasons.toSorted(([, a], [, b]) => b - a)
  if (most === undefined) return null
  return `${counted(left, 'pair')} (${percent(left / judging.pairs)}) that were the judge’s to decide were not judged, most often (${count(most[1])}) because of ${most[0]}: their text counts as the checks had it`
}

const otherJudge: Caveat = ({ rows, judging }) => {
  const others = judging?.otherVersions ?? rows.filter((row) => row.judgeState === 'decided').length
  if (others === 0) return null
  const whose =
    judging === null ? 'a judge that is switched off now' : 'another version of the judge (model, prompt or rubric)'
  return `${counted(others, 'comparison')} decided by ${whose}: those decisions do not count`
}

const kin: Caveat = ({ judge }) =>
  judge?.allowOwnFamily
    ? 'the judge may be of the family of a model that it judges (compare.judge.allowOwnFamily), and judges favour their own kind'
    : null

const losses: Caveat = ({ pairs }) => {
  const lossy = pairs.filter((pair) => pair.row.losses.length > 0).length
  if (lossy === 0) return null
  return `${counted(lossy, 'request')} (${percent(lossy / pairs.length)}) lost a minor parameter in translation: see losses`
}

const servedModels: Caveat = ({ pairs }) => {
  const models = new Set(pairs.map((pair) => pair.row.servedModel ?? 'unknown'))
  if (models.size < 2) return null
  return `${models.size} served models are pooled: ${[...models].toSorted().join(', ')}`
}

const unpriced = ({ pairs }: Pick<CaveatFacts, 'pairs'>) => {
  const missing = pairs.filter((pair) => pair.candidate.costUsd === null && !pair.candidate.error).length
  if (missing === 0) return null
  return `${counted(missing, 'answer')} of the candidate (${percent(missing / pairs.length)}) unpriced: never counted as free`
}

const conversations: Caveat = ({ pairs, units }) => {
  const seen = units.closed + units.open
  if (seen === 0 || pairs.length / seen < crowded) return null
  return `${count(pairs.length)} exchanges are only ${counted(seen, 'conversation')}: send x-understudy-conversation if they are more`
}

const open: Caveat = ({ units, trafficEnded }) =>
  units.open === 0 || trafficEnded
    ? null
    : `${counted(units.open, 'conversation')} still open (an exchange in the last 30 minutes): not counted yet`

const late: Caveat = ({ units }) =>
  units.late === 0
    ? null
    : `${counted(units.late, 'exchange')} came after the conversation had been silent for 30 minutes and was counted: a unit enters once`

const period = ({ days, pairs }: Pick<CaveatFacts, 'pairs' | 'days'>) =>
  pairs.length === 0 || days >= weekDays
    ? null
    : `${span(days)} of traffic: weekly patterns and incidents of a provider may not be in it`

const window: Caveat = ({ isWindow }) =>
  isWindow
    ? 'only a part of the recorded time was read: the guarantee holds for a beginning that stays where it is, and every other beginning is another attempt'
    : null

const otherSettings: Caveat = ({ otherSettings: made }) =>
  made === 0 ? null : `${counted(made, 'comparison')} with other settings of this candidate or its control: not pooled`

const competition: Caveat = ({ candidates, candidatesCompete }) =>
  candidates < 2 || candidatesCompete
    ? null
    : `${candidates} candidates share this traffic, each at the full alpha: if only one of them will be taken, set gates.candidatesCompete`
