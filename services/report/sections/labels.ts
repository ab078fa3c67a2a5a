import { type Breakdown } from '../../../shared/contracts/breakdown.ts'
import { type Verdict } from '../../../shared/contracts/verdict.ts'
import { count, counted, percent } from '../words.ts'
import { orAgain } from './beside.ts'
import { type Section } from './section.ts'

type LabelRoute = Breakdown['labels'][number]

/** Of each route with labels: which were confused with which, and how well each was found, beside the served model again. */
export function labelSections({ breakdown }: Verdict): Section[] {
  return (breakdown?.labels ?? []).flatMap((route) => [confusion(route), classes(route)])
}

function confusion({ route, exchanges, labels, candidate, control }: LabelRoute): Section {
  return {
    title: `Labels of ${route}: served (rows) against candidate (columns)`,
    sentences: [
      `The candidate gives the served label in ${percent(candidate.accuracy)} of ${counted(exchanges, 'exchange')}${orAgain(control?.accuracy)}.`,
    ],
    table: {
      columns: [
        { title: 'served' },
        ...labels.map((title) => ({ title, isNumber: true })),
        { title: 'none of them', isNumber: true },
      ],
      rows: labels.map((label, at) => [label, ...candidate.counts[at]!.map(count)]),
    },
  }
}

function classes({ route, labels, candidate, control }: LabelRoute): Section {
  const cells = (of: LabelRoute['candidate'] | null, at: number) => {
    const { precision = null, recall = null, f1 = null } = of?.classes[at] ?? {}
    return [percent(precision), percent(recall), percent(f1)]
  }
  return {
    title: `Labels of ${route}: how well each is found`,
    sentences: [],
    table: {
      columns: [
        { title: 'label' },
        ...['precision', 'recall', 'F1'].map((title) => ({ title, isNumber: true })),
        ...['precision again', 'recall again', 'F1 again'].map((title) => ({ title, isNumber: true })),
      ],
      rows: labels.map((label, at) => [label, ...cells(candidate, at), ...cells(control, at)]),
    },
  }
}
