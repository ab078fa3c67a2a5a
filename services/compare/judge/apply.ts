import {
  type Comparison,
  type Difference,
  type Judgement,
  type Measured,
} from '../../../shared/contracts/comparison.ts'
import { controlArm } from '../../../shared/config/arms.ts'
import { outcomeOf } from '../compare.ts'
import { cut } from '../text/cut.ts'
import { type Judged } from './conclude.ts'

const maxReasonChars = 300

/**
 * The comparisons with what the judge decided. A candidate's row holds its control's measures too: it takes both from the judge
 * or neither, since an arm that was judged beside one that was not would look worse by that alone.
 */
export function applyJudged(comparisons: readonly Comparison[], judged: ReadonlyMap<string, Judged>): Comparison[] {
  if (judged.size === 0) return [...comparisons]
  const ofControl = judged.get(controlArm)
  return comparisons.map((comparison) => {
    const own = judged.get(comparison.arm)
    const control = comparison.control === null ? undefined : ofControl
    const isWhole = [own, control].every((each) => each === undefined || hasVerdict(each))
    const withOwn = own === undefined ? comparison : withJudged(comparison, isWhole ? own : unpaired(own))
    return control === undefined ? withOwn : withControl(withOwn, isWhole ? control : unpaired(control))
  })
}

const hasVerdict = ({ judgement }: Judged): boolean => ['decided', 'inconsistent'].includes(judgement.state)

/** A verdict that has nothing to stand beside; what is none already stays what it is. */
function unpaired(judged: Judged): Judged {
  if (!hasVerdict(judged)) return judged
  return { ...judged, judgement: { ...judged.judgement, state: 'unpaired' }, quality: null }
}

function withJudged(comparison: Comparison, { judgement, quality, because }: Judged): Comparison {
  if (quality === null) return { ...comparison, judge: judgement }
  return {
    ...comparison,
    judge: judgement,
    outcome: outcomeOf(quality),
    decidedBy: 'judge',
    measured: judgedMeasure(comparison.measured!, quality),
    differences: quality === 1 ? comparison.differences : [differenceOf(judgement, because), ...comparison.differences],
  }
}

function withControl(comparison: Comparison, { judgement, quality }: Judged): Comparison {
  if (quality === null) return { ...comparison, controlJudge: judgement }
  return {
    ...comparison,
    control: judgedMeasure(comparison.control!, quality),
    controlFound: { ...comparison.controlFound!, decidedBy: 'judge' },
    controlJudge: judgement,
  }
}

const judgedMeasure = (measured: Measured, quality: number): Measured => ({ ...measured, quality })

function differenceOf({ servedFirst, armFirst }: Judgement, because: string | null): Difference {
  const orders =
    servedFirst === 0 && armFirst === 0 ? 'in both orders' : 'in one order, and calls it a tie in the other'
  const why = because === null || because === '' ? '' : `: ${cut(because, maxReasonChars)}`
  return {
    rung: 'judge',
    path: null,
    message: cut(`the judge prefers the served answer ${orders}${why}`, maxReasonChars),
    served: null,
    arm: null,
  }
}
