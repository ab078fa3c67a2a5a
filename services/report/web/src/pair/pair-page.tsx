import { useMemo, useState } from 'react'
import { type Difference } from '../../../../../shared/contracts/comparison.ts'
import { type ArmView, type ExchangeView } from '../../../../../shared/contracts/exchange-view.ts'
import { Awaited } from '../parts/awaited.tsx'
import { Copy } from '../parts/copy.tsx'
import { Help } from '../parts/help.tsx'
import { useKeys } from '../parts/keys.ts'
import { Moment } from '../parts/moment.tsx'
import { Part } from '../parts/part.tsx'
import { neighboursOf } from '../pairs/pages.ts'
import { useResource } from '../resource.ts'
import { go } from '../location.ts'
import { href } from '../route.ts'
import { useMay } from '../session.tsx'
import { Waive } from '../waiver/waive.tsx'
import { AnswerColumn, type Column } from './answer-column.tsx'
import { curlOf, testCaseOf } from './copies.ts'
import { Patch } from './patch.tsx'
import { RequestView } from './request.tsx'
import { Scores } from './scores.tsx'
import { type Stream, Timeline } from './timeline.tsx'
import { wordDiff } from './word-diff.ts'
import '../style/pair.css'

const keys = [
  ['j k', 'next and previous pair of the list'],
  ['Esc', 'back to the list'],
  ['?', 'this help'],
] as const

/** Everything that is kept of one exchange. */
export function PairPage({ exchangeId, query }: { exchangeId: string; query: URLSearchParams }) {
  const candidate = query.get('candidate') ?? undefined
  const asked = candidate === undefined ? '' : `?candidate=${encodeURIComponent(candidate)}`
  const view = useResource<ExchangeView>(`/api/v1/exchanges/${encodeURIComponent(exchangeId)}${asked}`)
  return <Awaited resource={view}>{(data) => <Pair view={data} candidate={candidate} />}</Awaited>
}

function Pair({ view, candidate }: { view: ExchangeView; candidate: string | undefined }) {
  const [isHelping, setHelping] = useState(false)
  const [waived, waive] = useState<Difference | null>(null)
  const mayWaive = useMay('reviewer')
  const candidates = view.arms.filter(({ isControl }) => !isControl)
  const control = view.arms.find(({ isControl }) => isControl)
  const arm = candidates.find((each) => each.arm === candidate) ?? candidates[0]
  const { previous, next } = neighboursOf(view.exchangeId)
  const toPair = (line: { exchangeId: string; candidate: string } | null) =>
    line && go(href(['pairs', line.exchangeId], { candidate: line.candidate }), 'replace')
  useKeys({
    j: () => toPair(next),
    k: () => toPair(previous),
    Escape: () => (window.history.length > 1 ? window.history.back() : go(href(['pairs'], { candidate }))),
    '?': () => setHelping(true),
  })

  return (
    <>
      <div className="page-head">
        <h1>
          <a href={href(['pairs'], { candidate })}>Pairs</a> / {view.route}
        </h1>
        <span className="soft">
          <Moment at={view.capturedAt} exact /> · <code>{view.exchangeId}</code>
        </span>
        <div className="end pair-tools">
          <Copy text={window.location.href} what="the link to this pair" label="Copy link" />
          <Copy text={curlOf(view)} what="the request as curl" label="curl" />
          <Copy text={JSON.stringify(view, null, 2)} what="everything as JSON" label="JSON" />
          <Copy text={testCaseOf(view, arm)} what="the pair as a test case" label="Test case" />
        </div>
      </div>
      <div className="stack">
        {candidates.length > 1 && (
          <nav className="choice" aria-label="Candidate">
            {candidates.map((each) => (
              <a
                key={each.arm}
                href={href(['pairs', view.exchangeId], { candidate: each.arm })}
                aria-current={each === arm ? 'page' : undefined}
              >
                {each.arm}
              </a>
            ))}
          </nav>
        )}
        {arm && (
          <Part title={`What ${arm.arm} made of it`}>
            <Scores arm={arm} onWaive={mayWaive ? waive : null} />
          </Part>
        )}
        <Part title="Request">
          <RequestView {...view} />
        </Part>
        <Answers view={view} control={control} arm={arm} />
        {arm?.comparison?.patch && (
          <Part title={arm.comparison.patch.of === 'tools' ? 'Tool calls, field by field' : 'JSON, field by field'}>
            <Patch patch={arm.comparison.patch} arm={arm.arm} />
          </Part>
        )}
        <Part
          title="When it came"
          hint="Each mark is a piece of a streamed answer, as tall as it is large; the thick one is the first token. All arms are on one scale."
        >
          <Timeline streams={streamsOf(view, control, arm)} />
        </Part>
      </div>
      {isHelping && <Help keys={keys} onClose={() => setHelping(false)} />}
      {waived !== null && arm && (
        <Waive difference={waived} candidate={arm.arm} route={view.route} onClose={() => waive(null)} />
      )}
    </>
  )
}

function Answers({
  view,
  control,
  arm,
}: {
  view: ExchangeView
  control: ArmView | undefined
  arm: ArmView | undefined
}) {
  const [served, ...others] = columnsOf(view, control, arm)
  const base = served!.answer?.text.text
  const diffs = useMemo(
    () => others.map(({ answer }) => (base === undefined || answer === null ? null : wordDiff(base, answer.text.text))),
    [view, control, arm],
  )
  const againstArm = arm === undefined ? null : (diffs.at(-1) ?? null)
  return (
    <Part
      title="Answers"
      hint="Words that only the served answer has are struck through on its side; words that only the other has are underlined on the other’s. The served side is marked against the candidate."
    >
      <div className="answers">
        <AnswerColumn column={served!} pieces={againstArm} />
        {others.map((column, at) => (
          <AnswerColumn key={column.title} column={column} pieces={diffs[at] ?? null} />
        ))}
      </div>
    </Part>
  )
}

function columnsOf(view: ExchangeView, control: ArmView | undefined, arm: ArmView | undefined): Column[] {
  const of = (tone: 'control' | 'candidate', each: ArmView): Column => ({
    title: tone === 'control' ? 'Served again' : each.arm,
    tone,
    model: each.model,
    answer: each.answer,
    bodies: each.bodies,
    excerpt: each.comparison?.armExcerpt ?? null,
    failure: each.failureKind ?? (each.notAskedReason === null ? null : `not asked: ${each.notAskedReason}`),
    totalMs: each.totalMs,
    costUsd: each.costUsd,
    outputTokens: each.outputTokens,
  })
  const { served } = view
  return [
    {
      title: 'Served',
      tone: 'served',
      model: served.model,
      answer: served.answer,
      bodies: view.bodies,
      excerpt: arm?.comparison?.servedExcerpt ?? served.body?.text ?? null,
      failure: served.errorType ?? (served.end === 'complete' ? null : served.end),
      totalMs: served.totalMs,
      costUsd: served.costUsd,
      outputTokens: served.outputTokens,
    },
    ...(control === undefined ? [] : [of('control', control)]),
    ...(arm === undefined ? [] : [of('candidate', arm)]),
  ]
}

function streamsOf({ served }: ExchangeView, control: ArmView | undefined, arm: ArmView | undefined): Stream[] {
  const of = (
    name: string,
    tone: Stream['tone'],
    { chunks, ttftMs, totalMs }: Pick<ArmView, 'chunks' | 'ttftMs' | 'totalMs'>,
  ): Stream => ({
    name,
    tone,
    chunks,
    ttftMs,
    totalMs,
  })
  return [
    of('served', 'served', served),
    ...(control === undefined ? [] : [of('served again', 'control', control)]),
    ...(arm === undefined ? [] : [of(arm.arm, 'candidate', arm)]),
  ]
}
