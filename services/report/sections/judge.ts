import { type Judging } from '../../../shared/contracts/verdict.ts'
import { leastConsistency } from '../judging.ts'
import { count, counted, declaredPercent, percent, unknown, usd } from '../words.ts'
import { type SectionOf } from './section.ts'

/** What the judge decided, how far it can be trusted, and what it cost. */
export const judge: SectionOf = ({ judging }) => {
  if (!judging || (judging.pairs === 0 && judging.judgedTwice === 0)) return null
  const reasons = Object.entries(judging.undecidedByReason).toSorted(([, a], [, b]) => b - a)
  return {
    title: 'Judge',
    sentences: [standing(judging), spending(judging)],
    table: {
      columns: [{ title: 'of the judge' }, { title: 'value', isNumber: true }],
      rows: [
        ['pairs that were its to decide', count(judging.pairs)],
        [
          'decided',
          `${count(judging.decided)} (${percent(judging.pairs === 0 ? null : judging.decided / judging.pairs)})`,
        ],
        ...reasons.map(([reason, seen]) => [`not decided: ${reason.replaceAll('_', ' ')}`, count(seen)]),
        ['same score in both orders', percent(judging.consistency)],
        ['chose the first place, where it was no tie', percent(judging.firstPlace)],
        ['length of the candidate’s answer to the served one', ratio(judging.lengthRatio)],
        ['pairs it was not shown all of', count(judging.cut)],
      ],
    },
  }
}

function standing({ counts, consistency, judgedTwice }: Judging): string {
  if (counts) return `Its decisions count: control and candidate were judged alike, blind and in both orders.`
  return `Its decisions do not count: it gave the same score in both orders in ${percent(consistency)} of ${counted(judgedTwice, 'pair')}, and ${declaredPercent(leastConsistency)} is the least. Quality is what it is without a judge.`
}

function spending({ costUsd, controlCostUsd }: Judging): string {
  const price = (value: number | null) => (value === null ? 'an unknown sum (no price)' : usd(value))
  return `It cost ${price(costUsd)} for the candidate’s answers and ${price(controlCostUsd)} for the control’s, which all candidates share.`
}

const ratio = (value: number | null): string => (value === null ? unknown : value.toFixed(2))
