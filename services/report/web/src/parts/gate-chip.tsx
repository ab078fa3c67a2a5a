import { type GateResult } from '../../../../../shared/contracts/verdict.ts'
import { gateTitles } from '../../../words.ts'
import { Check, Cross, Waiting } from './icons.tsx'

const meanings: Record<GateResult['state'], string> = {
  inside: 'inside its margin',
  outside: 'outside its margin',
  undecided: 'not settled',
  no_data: 'no data',
  off: 'not measured',
}

/** A gate in a word: kept, broken or open; set apart where it is the one that decides, or only advises. */
export function GateChip({ gate, isDeciding }: { gate: GateResult; isDeciding: boolean }) {
  const { state, blocking } = gate
  return (
    <span
      className={`chip ${state} ${isDeciding ? 'deciding-chip' : ''} ${blocking ? '' : 'advisory'}`}
      title={`${meanings[state]}: ${gate.margin}${blocking ? '' : ' (advises only)'}`}
    >
      {state === 'inside' ? <Check /> : state === 'outside' ? <Cross /> : <Waiting />}
      {gateTitles[gate.gate]}
      <span className="unseen">: {meanings[state]}</span>
      {isDeciding && <small>decides</small>}
      {!blocking && <small>advises</small>}
    </span>
  )
}
