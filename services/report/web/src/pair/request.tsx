import { type ExchangeView } from '../../../../../shared/contracts/exchange-view.ts'
import { count } from '../../../words.ts'
import { pretty } from './answer-column.tsx'
import { missingWords } from './missing.ts'
import { Text } from './text.tsx'
import { turnsOf } from './turns.ts'

/** What the model was asked: the turns as said, and the whole body for those who want it. */
export function RequestView({ request, bodies }: ExchangeView) {
  const turns = request.body === null || request.encoding === 'base64' ? null : turnsOf(request.body.text)
  return (
    <>
      <p className="soft small">
        <code>
          {request.method} {request.path}
        </code>{' '}
        · {request.model ?? 'no model named'} · {count(request.sizeBytes)} bytes{request.streamed ? ' · streamed' : ''}
        {request.truncated ? ' · longer than the tap keeps' : ''}
      </p>
      {request.body === null && (
        <p className="soft">
          {request.encoding === 'base64' && bodies.state === 'stored'
            ? 'The body is not text: it is kept, and not shown.'
            : missingWords('The request', bodies)}
        </p>
      )}
      {turns?.map(({ who, text }, at) => (
        <div key={at} className="turn">
          <span className="soft small">{who}</span>
          <Text shown={{ text, chars: text.length, cut: false }} />
        </div>
      ))}
      {request.body !== null && (
        <details open={turns === null}>
          <summary className="soft">The whole body</summary>
          <Text shown={{ ...request.body, text: pretty(request.body.text) }} />
        </details>
      )}
    </>
  )
}
