import { type GoldenSet } from '../../../shared/contracts/golden.ts'
import { describeOpenings } from '../../report/golden/openings.ts'

/** A set in some lines, for people. */
export function describeSet(set: GoldenSet): string {
  const { spec } = set
  const told = [
    `${set.items} exchanges, ${set.holdout} of them kept back for the sign-off; ${set.withGroundTruth} with ground truth`,
    ...(set.erased === 0 ? [] : [`${set.erased} more were erased: their hashes are all that is left of them`]),
    `drawn with seed ${spec.seed} by ${spec.by.join(', ') || 'nothing'}, captured ${spec.since === null ? '' : `from ${spec.since} `}up to ${spec.until}`,
    `frozen at ${set.frozenAt} by ${set.frozenBy}`,
    ...describeOpenings(set.openings),
  ]
  const widest = Math.max(...set.strata.map(({ stratum }) => stratum.length), 0)
  const strata = set.strata.map(
    ({ stratum, items, exchanges }) => `  ${stratum.padEnd(widest)}  ${String(items).padStart(5)} of ${exchanges}`,
  )
  return [`${set.name} version ${set.setVersion}  ${set.address}`, ...told.map((line) => `  ${line}`), ...strata].join(
    '\n',
  )
}
