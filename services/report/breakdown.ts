import { type Breakdown } from '../../shared/contracts/breakdown.ts'
import { type PairOutcome } from '../../shared/contracts/comparison.ts'
import { type LabelCount, labelTable, servedLabels } from './label-table.ts'

type ArmName = 'candidate' | 'control'
type ByArm = { candidate: number; control: number }

/** Sums as the store gives them; weights are inverse inclusion probabilities. */
export type BreakdownSums = {
  hasControl: boolean
  findings: { arm: ArmName; finding: PairOutcome; rung: string; weight: number; exchanges: number }[]
  kinds: ({ kind: string } & ByArm)[]
  places: ({ route: string; path: string; exchanges: number; weight: number } & ByArm)[]
  /** Values times weights. */
  measures: (Pick<Breakdown['measures'][number], 'route' | 'measure' | 'exchanges'> & {
    weight: number
    served: number | null
  } & ByArm)[]
  labels: { route: string; served: string; candidate: string; control: string; count: number }[]
  grounding: ({ route: string; exchanges: number } & Record<
    'served' | ArmName,
    { claims: number; ungrounded: number }
  >)[]
}

/** Null: nothing was compared since findings are recorded. */
export function breakdownOf(sums: BreakdownSums): Breakdown | null {
  const { hasControl } = sums
  const ofCandidate = sums.findings.filter(({ arm }) => arm === 'candidate')
  const total = sum(ofCandidate, ({ weight }) => weight)
  if (total === 0) return null
  const both = <Value>(of: (arm: ArmName) => Value) => ({
    candidate: of('candidate'),
    control: hasControl ? of('control') : null,
  })
  const shareOf = (arm: ArmName, isMeant: (row: BreakdownSums['findings'][number]) => boolean) =>
    share(
      sum(
        sums.findings.filter((row) => row.arm === arm && isMeant(row)),
        ({ weight }) => weight,
      ),
      total,
    )
  const rungs = [...new Set(sums.findings.map(({ rung }) => rung))].map((rung) => ({
    rung,
    decided: both((arm) => shareOf(arm, (row) => row.rung === rung)),
    harmful: both((arm) => shareOf(arm, (row) => row.rung === rung && row.finding === 'harmful')),
  }))
  return {
    exchanges: sum(ofCandidate, ({ exchanges }) => exchanges),
    findings: both((arm) => {
      const of = (finding: PairOutcome) => shareOf(arm, (row) => row.finding === finding)
      return { same: of('same'), harmless: of('harmless'), unsure: of('unsure'), harmful: of('harmful') }
    }),
    rungs: rungs.toSorted(
      (a, b) => b.harmful.candidate - a.harmful.candidate || b.decided.candidate - a.decided.candidate,
    ),
    kinds: sums.kinds.map(({ kind, ...weights }) => ({ kind, ...both((arm) => share(weights[arm], total)) })),
    places: sums.places.map(({ route, path, exchanges, weight, ...weights }) => ({
      route,
      path,
      exchanges,
      ...both((arm) => share(weights[arm], weight)),
    })),
    measures: sums.measures.map(({ route, measure, exchanges, weight, served, ...weights }) => ({
      route,
      measure,
      exchanges,
      served: served === null ? null : share(served, weight),
      ...both((arm) => share(weights[arm], weight)),
    })),
    labels: labelsOf(sums, both),
    grounding: sums.grounding.map((row) => ({
      route: row.route,
      exchanges: row.exchanges,
      served: claimsOf(row.served),
      ...both((arm) => claimsOf(row[arm])),
    })),
  }
}

type Both = <Value>(of: (arm: ArmName) => Value) => { candidate: Value; control: Value | null }

/** A route whose labels hardly ever come again answers in short texts that were taken for labels. */
function hasClasses(rows: BreakdownSums['labels']): boolean {
  return sum(rows, ({ count }) => count) >= 2 * new Set(rows.map(({ served }) => served)).size
}

function labelsOf({ labels }: BreakdownSums, both: Both): Breakdown['labels'] {
  const routes = [...Map.groupBy(labels, ({ route }) => route)].filter(([, rows]) => hasClasses(rows))
  return routes.map(([route, rows]) => {
    const countsOf = (arm: ArmName): LabelCount[] =>
      rows.map(({ served, count, ...answered }) => ({ served, answered: answered[arm], count }))
    const names = servedLabels(countsOf('candidate'))
    return {
      route,
      exchanges: sum(rows, ({ count }) => count),
      labels: names,
      ...both((arm) => labelTable(names, countsOf(arm))),
    }
  })
}

const claimsOf = ({ claims, ungrounded }: { claims: number; ungrounded: number }) => ({
  claims,
  ungrounded: share(ungrounded, claims),
})

function sum<Row>(rows: readonly Row[], value: (row: Row) => number): number {
  return rows.reduce((total, row) => total + value(row), 0)
}

/** Sums of the same weights in another order may differ in the last digit. */
const share = (part: number, whole: number): number => (whole === 0 ? 0 : Math.min(1, Math.max(0, part / whole)))
