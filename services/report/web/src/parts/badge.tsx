import { type GateResult, type Verdict } from '../../../../../shared/contracts/verdict.ts'
import { verdictTitles } from '../../../words.ts'
import { Check, Cross, Waiting } from './icons.tsx'

/** Told by word and form, then by colour. */
export function VerdictBadge({ verdict }: { verdict: Verdict['verdict'] }) {
  return (
    <span className={`badge ${verdict}`}>
      <VerdictIcon verdict={verdict} />
      {verdictTitles[verdict]}
    </span>
  )
}

export function VerdictIcon({ verdict }: { verdict: Verdict['verdict'] }) {
  return verdict === 'go' ? <Check /> : verdict === 'no_go' ? <Cross /> : <Waiting />
}

const stateWords: Record<GateResult['state'], string> = {
  inside: 'kept',
  outside: 'broken',
  undecided: 'open',
  no_data: 'no data',
  off: 'off',
}

export function StateBadge({ state }: { state: GateResult['state'] }) {
  return (
    <span className={`badge ${state === 'no_data' || state === 'off' ? 'plain' : state}`}>
      {state === 'inside' ? <Check /> : state === 'outside' ? <Cross /> : state === 'undecided' ? <Waiting /> : null}
      {stateWords[state]}
    </span>
  )
}
