import { type BodiesState, type ShownAnswer } from '../../../../../shared/contracts/exchange-view.ts'
import { milliseconds, usd } from '../../../words.ts'
import { missingWords } from './missing.ts'
import { Text } from './text.tsx'
import { type Piece } from './word-diff.ts'

export type Column = {
  title: string
  tone: 'served' | 'control' | 'candidate'
  model: string | null
  answer: ShownAnswer | null
  bodies: BodiesState
  /** Beginning of the answer, which is kept longer than the answer. */
  excerpt: string | null
  failure: string | null
  totalMs: number | null
  costUsd: number | null
  outputTokens: number | null
}

/** One answer, with the words that differ from the served one. */
export function AnswerColumn({ column, pieces }: { column: Column; pieces: Piece[] | null }) {
  const { title, tone, model, answer, failure, totalMs, costUsd, outputTokens } = column
  return (
    <section className={`answer-column ${tone}-edge`} aria-label={title}>
      <header>
        <h3 className={`${tone}-ink`}>{title}</h3>
        <span className="soft small">{model ?? 'unknown model'}</span>
      </header>
      <p className="soft small">
        {milliseconds(totalMs)} · {usd(costUsd)} · {outputTokens === null ? '–' : outputTokens} tokens out
        {answer?.finish && answer.finish !== 'stop' ? ` · ended by ${answer.finish.replaceAll('_', ' ')}` : ''}
      </p>
      {failure !== null && <p className="no_go">No usable answer: {failure.replaceAll('_', ' ')}</p>}
      {answer === null ? (
        <WithoutAnswer column={column} />
      ) : (
        <Said answer={answer} pieces={pieces} side={tone === 'served' ? 'served' : 'arm'} />
      )}
    </section>
  )
}

function Said({ answer, pieces, side }: { answer: ShownAnswer; pieces: Piece[] | null; side: 'served' | 'arm' }) {
  return (
    <>
      {answer.refusalText !== null && (
        <div>
          <h4>Refused</h4>
          <Text shown={answer.refusalText} />
        </div>
      )}
      {(answer.text.text !== '' || answer.toolCalls.length === 0) && answer.refusalText === null && (
        <Text shown={answer.text} pieces={pieces} side={side} />
      )}
      {answer.toolCalls.map(({ id, name, argumentsText }, at) => (
        <div key={id ?? at} className="tool-call">
          <h4>
            calls <code>{name}</code>
          </h4>
          <Text shown={{ ...argumentsText, text: pretty(argumentsText.text) }} />
        </div>
      ))}
      {answer.thinkingText.text !== '' && (
        <details>
          <summary className="soft">Thinking</summary>
          <Text shown={answer.thinkingText} />
        </details>
      )}
    </>
  )
}

function WithoutAnswer({ column: { bodies, excerpt, failure } }: { column: Column }) {
  if (failure !== null && bodies.state === 'stored') return null
  return (
    <>
      <p className="soft">{missingWords('The text', bodies)}</p>
      {excerpt !== null && excerpt !== '' && (
        <>
          <h4>Its beginning</h4>
          <div className="answer" dir="auto">
            {excerpt}
          </div>
        </>
      )}
    </>
  )
}

export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
