import { type CostFacts } from '../../../shared/contracts/report.ts'
import { type StoredFacts } from './store-facts.ts'

const daysPerMonth = 30
/** What was seen in less than an hour says nothing about a month. */
const minDays = 1 / 24

/** What a month of this traffic costs with either arm. Prices of both on the same exchanges, the tap's sampling undone. */
export function costFactsOf({ totals, traffic }: StoredFacts, migrationEffortUsd: number | null): CostFacts {
  // One early exchange makes no month of quiet: no more days than dates that saw any.
  const days = Math.min(traffic.spanDays, traffic.dates)
  const requestsPerMonth = days < minDays ? null : (traffic.weight / days) * daysPerMonth
  const perMonth = (usd: number) =>
    requestsPerMonth === null || totals.pairs === 0 ? null : (usd / totals.pairsWeight) * requestsPerMonth
  const candidateUsdPerMonth = perMonth(totals.pairsCandidateUsd)
  const controlUsdPerMonth = perMonth(totals.pairsControlUsd)
  const saving =
    candidateUsdPerMonth === null || controlUsdPerMonth === null ? null : controlUsdPerMonth - candidateUsdPerMonth
  return {
    pairs: totals.pairs,
    requestsPerMonth,
    candidateUsdPerMonth,
    controlUsdPerMonth,
    savingUsdPerMonth: saving,
    migrationEffortUsd,
    paybackMonths: migrationEffortUsd === null || saving === null || saving <= 0 ? null : migrationEffortUsd / saving,
  }
}
