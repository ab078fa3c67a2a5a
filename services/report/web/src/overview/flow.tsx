import { type LedgerLine, type Verdict } from '../../../../../shared/contracts/verdict.ts'
import { count } from '../../../words.ts'
import { Check, Cross } from '../parts/icons.tsx'
import { Awaited } from '../parts/awaited.tsx'
import { useResource } from '../resource.ts'
import { ledgerFlow } from './ledger-flow.ts'

type Ledger = { version: 1; balanced: boolean; missing: number; lines: LedgerLine[] }

/** Everything that was served on its way to a verdict: nothing is lost without being told. */
export function LedgerFlow({ verdicts }: { verdicts: readonly Verdict[] }) {
  const ledger = useResource<Ledger>('/api/v1/ledger', true)
  return (
    <section className="card" aria-labelledby="flow-title">
      <header>
        <h2 id="flow-title">From served to verdict</h2>
        {ledger.data && <Balance {...ledger.data} />}
      </header>
      <Awaited resource={ledger}>
        {({ lines }) => (
          <ol className="flow">
            {ledgerFlow(lines, verdicts).map(({ title, noun, count: total, parts, exits }) => (
              <li key={title}>
                <div className="flow-step">
                  <span className="flow-title">{title}</span>
                  <span className="flow-count">{count(total)}</span>
                  <span className="soft small">{noun}</span>
                  {parts.length > 1 && <Parts parts={parts} total={total} />}
                </div>
                {exits.length > 0 && (
                  <ul className="flow-exits">
                    {exits.map(({ words, count: left, isBad }) => (
                      <li key={words} className={isBad ? 'no_go' : 'soft'}>
                        {count(left)} {words}
                      </li>
                    ))}
                  </ul>
                )}
              </li>
            ))}
          </ol>
        )}
      </Awaited>
    </section>
  )
}

function Balance({ balanced, missing }: Ledger) {
  return (
    <span className={`badge ${balanced ? 'inside' : 'outside'}`}>
      {balanced ? <Check /> : <Cross />}
      {balanced ? 'every exchange is accounted for' : `${count(missing)} exchanges are missing`}
    </span>
  )
}

function Parts({ parts, total }: { parts: { words: string; count: number }[]; total: number }) {
  return (
    <ul className="flow-parts">
      {parts.map(({ words, count: part }) => (
        <li key={words} className={words}>
          <meter value={part} max={total} aria-label={words} />
          {count(part)} {words}
        </li>
      ))}
    </ul>
  )
}
