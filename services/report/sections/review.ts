import { type HumanEstimate, type HumanReview, type KappaOf } from '../../../shared/contracts/review.ts'
import { count, counted, declaredPercent, percent, unknown } from '../words.ts'
import { type SectionOf } from './section.ts'

/** What people say of the candidate's answers, and how far checks and judge can be trusted to say it for them. */
export const review: SectionOf = ({ review: people, alpha }) => {
  if (!people) return null
  return {
    title: 'What people say',
    sentences: [basis(people), ...estimates(people, 1 - 2 * alpha), standing(people)],
    table: {
      columns: [{ title: 'agreement' }, { title: 'answers', isNumber: true }, { title: 'value', isNumber: true }],
      rows: [
        ...people.betweenReviewers.map((each) => [
          `kappa of ${each.reviewers.join(' and ')}`,
          count(each.pairs),
          kappa(each),
        ]),
        ['Krippendorff’s alpha of all people', '', people.alpha === null ? unknown : people.alpha.toFixed(2)],
        ...people.againstMeasures.map((each) => [
          `kappa of people and ${measureWords[each.measure]}`,
          count(each.pairs),
          kappa(each),
        ]),
        ...people.againstScores.map(({ score, answers, auc }) => [
          `${score} tells fine from not fine (AUC)`,
          count(answers),
          auc.toFixed(2),
        ]),
      ],
    },
  }
}

const measureWords = { quality: 'quality', judge: 'the judge', checks: 'the checks alone' } as const
const strataWords = { pass: 'passed', fail: 'failed' } as const

function basis({ labels, picked, unsure, reviewers, coverage }: HumanReview): string {
  const drawn = coverage.map(
    (part) =>
      `${count(part.labelled)} of ${count(part.drawn)} drawn from ${count(part.comparisons)} that the checks ${strataWords[part.stratum]} (${declaredPercent(part.samplingProbability)})`,
  )
  const rest = [
    ...(picked === 0 ? [] : [`${counted(picked, 'label')} on picked answers in no estimate`]),
    ...(unsure === 0 ? [] : [`${count(unsure)} unsure`]),
  ]
  return `${counted(labels, 'label')} by ${reviewers === 1 ? 'one person' : `${count(reviewers)} people`}: ${drawn.join(', ')}${rest.length === 0 ? '' : `; ${rest.join(', ')}`}. In no gate.`
}

function estimates({ fine, difference, whyNone }: HumanReview, level: number): string[] {
  if (fine === null) return whyNone === null ? [] : [`No estimate: ${whyNone}.`]
  const of = (each: HumanEstimate) =>
    `${percent(each.estimate)} (${declaredPercent(level)} interval ${percent(each.lower)} to ${percent(each.upper)}; from the labels alone ${percent(each.labelsOnly.lower)} to ${percent(each.labelsOnly.upper)})`
  return [
    `People would call ${of(fine)} of the candidate’s answers fine, failures counted as not fine.`,
    ...(difference === null
      ? []
      : [`Where people labelled both answers, candidate minus served is ${of(difference)}, failures left out.`]),
  ]
}

function standing({ qualityIsCalibrated }: HumanReview): string {
  return qualityIsCalibrated
    ? 'Quality as it is measured says what people say: kappa at least 0.6, its lower bound at least 0.4, on 100 labels and more.'
    : 'It is not shown that quality as it is measured says what people say: that takes 100 labels of the random share, a kappa of 0.6 and a lower bound of 0.4.'
}

function kappa({ kappa: value, lower, upper, agreement }: KappaOf): string {
  if (value === null) return agreement === 1 ? 'all alike' : unknown
  return `${value.toFixed(2)} (${lower!.toFixed(2)} to ${upper!.toFixed(2)})`
}
