import { type Breakdown } from '../../shared/contracts/breakdown.ts'
import { type Judging, type Scoring } from '../../shared/contracts/verdict.ts'
import { type Bursts, burstsIn } from './bursts.ts'
import { type JudgeOfReport } from './judging.ts'
import { meanOf } from './sums/gate-sums.ts'
import { type PairTally } from './sums/pair-tally.ts'
import { type RowTally } from './sums/row-tally.ts'
import { count, counted, percent, span } from './words.ts'

export type CaveatFacts = {
  rows: RowTally
  tally: PairTally
  breakdown: Breakdown | null
  units: UnitCounts
  days: number
  hasControl: boolean
  judge: JudgeOfReport | null
  judging: Judging | null
  candidates: number
  candidatesCompete: boolean
  trafficEnded: boolean
  /** Only traffic from a chosen moment on was read. */
  isWindow: boolean
  scoring?: Scoring | null | undefined
}

export type UnitCounts = { closed: number; open: number; late: number; isFull: boolean }

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
  facts: Pick<CaveatFacts, 'tally' | 'days'> & { hasControl: boolean; isTimed: boolean },
) {
  const inTime = facts.isTimed ? [bursts, controlBursts, period] : []
  return [uncontrolled, unpriced, ...inTime].flatMap((caveat) => caveat(facts) ?? [])
}

type Caveat = (facts: CaveatFacts) => string | null

const noControl: Caveat = ({ hasControl }) =>
  hasControl
    ? null
    : 'the control is switched off: how much the served model disagrees with itself is unknown, the replay is not known to be faithful, and no candidate can reach GO'

const uncontrolled = ({ tally: { pairs, alone }, hasControl }: Pick<CaveatFacts, 'tally' | 'hasControl'>) => {
  if (!hasControl || alone === 0) return null
  return `${counted(alone, 'comparison')} (${percent(alone / pairs)}) without an answer of the control: only in the error ceiling`
}

const notCompared: Caveat = ({ rows: { rows, notComparable }, tally: { pairs } }) => {
  const left = rows - pairs
  if (left === 0) return null
  const [most] = [...notComparable].toSorted(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1))
  const mostly = most === undefined ? '' : `, most often (${count(most[1])}) because of ${most[0]}`
  return `${counted(left, 'exchange')} (${percent(left / rows)}) could not be compared and are in no gate${mostly}: the verdict does not speak for them`
}

/** Below this the served model itself rarely gives the same answer twice. */
const steady = 0.8

const noisyControl: Caveat = ({ tally }) => {
  const agreement = meanOf(tally.means.agreement)
  if (agreement === null || agreement >= steady) return null
  return `the served model, asked again, keeps only ${percent(agreement)} of its own served answers: the quality margin starts from there, so make sure that the control is asked just as the served model is`
}

const bursts = ({ tally }: Pick<CaveatFacts, 'tally'>) =>
  burstCaveat('the candidate', burstsIn([...tally.hours.values()]))

/** An incident of the control makes the candidate look better. */
const controlBursts = ({ tally }: Pick<CaveatFacts, 'tally'>) => {
  const asked = [...tally.hours.values()].filter(({ controlAsked }) => controlAsked > 0)
  const hours = asked.map(({ controlAsked, controlFailed }) => ({ asked: controlAsked, failed: controlFailed }))
  return burstCaveat('the control', burstsIn(hours))
}

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

const waivers: Caveat = ({ scoring, tally: { pairs } }) => {
  if (!scoring || scoring.waived.comparisons === 0) return null
  const { comparisons } = scoring.waived
  return `differences of ${counted(comparisons, 'comparison')} (${percent(comparisons / Math.max(comparisons, pairs))}) are waived and count for nothing: see Waived differences`
}

const mixedVersions: Caveat = ({ scoring }) => {
  if (!scoring || scoring.versions.length < 2) return null
  const made = scoring.versions.map(({ version, comparisons }) => `${count(comparisons)} by ${version || 'none'}`)
  return `comparisons of ${scoring.versions.length} scorer versions are pooled, the newest of each exchange (${made.join(', ')}): understudy compare --rescore --since 30d makes them alike`
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
  const others = judging?.otherVersions ?? rows.judging.decidedByAny
  if (others === 0) return null
  const whose =
    judging === null ? 'a judge that is switched off now' : 'another version of the judge (model, prompt or rubric)'
  return `${counted(others, 'comparison')} decided by ${whose}: those decisions do not count`
}

const kin: Caveat = ({ judge }) =>
  judge?.allowOwnFamily
    ? 'the judge may be of the family of a model that it judges (compare.judge.allowOwnFamily), and judges favour their own kind'
    : null

const losses: Caveat = ({ tally: { lossy, pairs } }) => {
  if (lossy === 0) return null
  return `${counted(lossy, 'request')} (${percent(lossy / pairs)}) lost a minor parameter in translation: see losses`
}

const servedModels: Caveat = ({ tally }) => {
  const models = [...tally.servedModels.keys()].map((model) => model || 'unknown')
  if (models.length < 2) return null
  return `${models.length} served models are pooled: ${models.toSorted().join(', ')}`
}

const unpriced = ({ tally: { unpriced: missing, pairs } }: Pick<CaveatFacts, 'tally'>) => {
  if (missing === 0) return null
  return `${counted(missing, 'answer')} of the candidate (${percent(missing / pairs)}) unpriced: never counted as free`
}

const conversations: Caveat = ({ tally: { pairs }, units }) => {
  const seen = units.closed + units.open
  if (seen === 0 || pairs / seen < crowded) return null
  return `${count(pairs)} exchanges are only ${counted(seen, 'conversation')}: send x-understudy-conversation if they are more`
}

const open: Caveat = ({ units, trafficEnded }) =>
  units.open === 0 || trafficEnded
    ? null
    : `${counted(units.open, 'conversation')} still open (an exchange in the last 30 minutes): not counted yet`

const late: Caveat = ({ units }) =>
  units.late === 0
    ? null
    : `${counted(units.late, 'exchange')} came after the conversation had been silent for 30 minutes and was counted: a unit enters once`

const period = ({ days, tally: { pairs } }: Pick<CaveatFacts, 'tally' | 'days'>) =>
  pairs === 0 || days >= weekDays
    ? null
    : `${span(days)} of traffic: weekly patterns and incidents of a provider may not be in it`

const window: Caveat = ({ isWindow }) =>
  isWindow
    ? 'only a part of the recorded time was read: the guarantee holds for a beginning that stays where it is, and every other beginning is another attempt'
    : null

const otherSettings: Caveat = ({ rows, tally }) => {
  const made = rows.otherSettings + tally.otherControl
  return made === 0
    ? null
    : `${counted(made, 'comparison')} with other settings of this candidate or its control: not pooled`
}

const competition: Caveat = ({ candidates, candidatesCompete }) =>
  candidates < 2 || candidatesCompete
    ? null
    : `${candidates} candidates share this traffic, each at the full alpha: if only one of them will be taken, set gates.candidatesCompete`
