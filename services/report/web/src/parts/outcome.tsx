import { type ComparisonOutcome } from '../../../../../shared/contracts/comparison-page.ts'
import { Check, Cross, Unequal } from './icons.tsx'

const looks = {
  equivalent: { tone: 'inside', Icon: Check },
  different: { tone: 'undecided', Icon: Unequal },
  failed: { tone: 'outside', Icon: Cross },
  not_comparable: { tone: 'plain', Icon: null },
} as const

export function OutcomeBadge({ outcome, reason = null }: { outcome: ComparisonOutcome; reason?: string | null }) {
  const { tone, Icon } = looks[outcome]
  return (
    <span className={`badge ${tone}`} title={reason ?? undefined}>
      {Icon && <Icon />}
      {outcome.replace('_', ' ')}
    </span>
  )
}
