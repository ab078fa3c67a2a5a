import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useRef, useState } from 'react'
import { type ComparisonLine } from '../../../../../shared/contracts/comparison-page.ts'
import { count, milliseconds, percent, usd } from '../../../words.ts'
import { Awaited } from '../parts/awaited.tsx'
import { Failure } from '../parts/failure.tsx'
import { Help } from '../parts/help.tsx'
import { useKeys } from '../parts/keys.ts'
import { meanings } from '../parts/meanings.ts'
import { momentWords } from '../parts/moment.tsx'
import { OutcomeBadge } from '../parts/outcome.tsx'
import { useReport, useVerdicts } from '../report.tsx'
import { go } from '../location.ts'
import { href } from '../route.ts'
import { useSession } from '../session.tsx'
import { FilterBar, type Filters, filtersOf } from './filters.tsx'
import { usePages } from './pages.ts'
import { type Texts, useTexts } from './texts.ts'
import '../style/pairs.css'

const keys = [
  ['j k', 'next and previous pair'],
  ['Enter', 'open the pair'],
  ['/', 'search'],
  ['Esc', 'leave the search, close this'],
  ['?', 'this help'],
] as const

const columns: readonly (readonly [title: string, meaning?: string])[] = [
  ['Route and time'],
  ['Outcome', 'What was found, and by the first check that could tell'],
  ['Quality', meanings.quality],
  ['Divergence', meanings.divergence],
  ['Time', 'Until the whole answer was there'],
  ['Cost', 'Of this one answer, by the prices in the config'],
  ['Served'],
  ['Candidate'],
]

/** Every pair of answers, as far as somebody wants to look. */
export function PairsPage({ query }: { query: URLSearchParams }) {
  const facts = useReport().data?.facts ?? []
  return (
    <>
      <div className="page-head">
        <h1>Pairs</h1>
        <span className="soft">what was served, and what the candidate said to the same request</span>
      </div>
      <Awaited resource={useVerdicts()}>
        {(verdicts) => {
          const asked = filtersOf(query)
          const candidate = asked.candidate ?? verdicts[0]?.candidate
          if (candidate === undefined) return <p>There is no candidate in the config yet.</p>
          const filters = { ...asked, candidate, sort: asked.sort ?? 'worst' }
          return (
            <>
              <FilterBar
                filters={filters}
                verdicts={verdicts}
                facts={facts}
                onChange={(changed) => go(href(['pairs'], changed), 'replace')}
              />
              <PairList filters={filters} />
            </>
          )
        }}
      </Awaited>
    </>
  )
}

const open = (line: ComparisonLine | undefined) =>
  line && go(href(['pairs', line.exchangeId], { candidate: line.candidate }))

/** Rows that are there before somebody comes to them: those of half a second of the fastest scrolling. */
const askedAhead = 200

/** Where the list was left, by what it shows. */
const places = new Map<string, { top: number; chosen: number }>()

function PairList({ filters }: { filters: Filters }) {
  const address = `/api/v1/comparisons?${new URLSearchParams(filters).toString()}`
  const { lines, hasMore, isBusy, error, more, reload } = usePages(address)
  const place = places.get(address)
  const [chosen, choose] = useState(place?.chosen ?? 0)
  const [isHelping, setHelping] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const drawn = useRef(0)
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => 62,
    // More than a wheel, a flick or a held key moves in a frame.
    overscan: 8,
    // Of a dragged bar each frame is all new: nothing beside what is in sight is drawn until it rests.
    rangeExtractor: (range) => {
      const isFar = Math.abs(range.startIndex - drawn.current) > range.endIndex - range.startIndex
      return defaultRangeExtractor(isFar ? { ...range, overscan: 0 } : range)
    },
    initialOffset: place?.top ?? 0,
  })
  const shown = rows.getVirtualItems()
  const { session } = useSession()
  const { startIndex = 0, endIndex = 0 } = rows.range ?? {}
  const textsOf = useTexts(lines.slice(startIndex, endIndex + 1), session.mayReadBodies)
  const at = Math.min(chosen, Math.max(0, lines.length - 1))

  useEffect(() => {
    drawn.current = startIndex
    if (hasMore && endIndex >= lines.length - askedAhead && lines.length > 0) more()
  })
  useEffect(() => () => void places.set(address, { top: rows.scrollOffset ?? 0, chosen: at }), [address, at, rows])

  const move = (to: number) => {
    const target = Math.max(0, Math.min(lines.length - 1, to))
    choose(target)
    rows.scrollToIndex(target)
  }
  useKeys({
    j: () => move(at + 1),
    k: () => move(at - 1),
    ArrowDown: () => move(at + 1),
    ArrowUp: () => move(at - 1),
    Enter: () => open(lines[at]),
    '?': () => setHelping(true),
    '/': () => document.querySelector<HTMLInputElement>('input[name=q]')?.focus(),
  })
  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && document.activeElement instanceof HTMLInputElement) document.activeElement.blur()
    }
    document.addEventListener('keydown', leave)
    return () => document.removeEventListener('keydown', leave)
  }, [])

  return (
    <section className="card pair-list" aria-label="Pairs">
      {error !== null && <Failure error={error} onRetry={reload} />}
      <div className="pair-foot soft small" role="status">
        <span>
          {isBusy && lines.length === 0
            ? 'Reading…'
            : `${count(lines.length)}${hasMore ? ' or more' : ''} ${lines.length === 1 ? 'pair' : 'pairs'}`}
        </span>
        <span className="wide-only">
          second line: the served model asked again; of time and cost, the answer that was served
        </span>
        <button className="link keys-link" type="button" onClick={() => setHelping(true)}>
          Keys <kbd>?</kbd>
        </button>
      </div>
      {lines.length === 0 && !isBusy && error === null && (
        <p className="none soft">No pair is like this. Fewer filters show more.</p>
      )}
      {lines.length > 0 && (
        <div
          className="pair-grid"
          ref={box}
          role="grid"
          tabIndex={0}
          aria-label="Pairs"
          aria-rowcount={hasMore ? -1 : lines.length + 1}
          aria-activedescendant={`pair-${at}`}
        >
          <div className="pair-row head" role="row" aria-rowindex={1}>
            {columns.map(([title, meaning]) => (
              <span key={title} role="columnheader" title={meaning}>
                <span className={meaning === undefined ? undefined : 'hint'}>{title}</span>
              </span>
            ))}
          </div>
          <div role="rowgroup" className="pair-rows" style={{ height: rows.getTotalSize() }}>
            {shown.map(({ index, start, size }) => (
              <Row
                key={index}
                line={lines[index]!}
                texts={textsOf(lines[index]!)}
                index={index}
                top={start}
                height={size}
                isChosen={index === at}
              />
            ))}
          </div>
        </div>
      )}
      {isHelping && <Help keys={keys} onClose={() => setHelping(false)} />}
    </section>
  )
}

type RowProps = {
  line: ComparisonLine
  /** Undefined: not here yet. */
  texts: Texts | undefined
  index: number
  top: number
  height: number
  isChosen: boolean
}

/** While one scrolls only those that come into sight are drawn. */
const Row = memo(function Row({ line, texts, index, top, height, isChosen }: RowProps) {
  const to = href(['pairs', line.exchangeId], { candidate: line.candidate })
  return (
    <div
      className={`pair-row ${isChosen ? 'chosen' : ''}`}
      id={`pair-${index}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      style={{ transform: `translateY(${top}px)`, height }}
      onClick={() => open(line)}
    >
      <span role="gridcell">
        <a href={to} tabIndex={-1} onClick={(event) => event.stopPropagation()}>
          {line.route}
        </a>
        <small className="soft">{momentWords(line.capturedAt)}</small>
      </span>
      <span role="gridcell">
        <OutcomeBadge outcome={line.outcome} reason={line.reason} />
        <small className="soft">{line.outcome === 'not_comparable' ? line.reason : `by ${line.decidedBy}`}</small>
      </span>
      <Both ours={line.quality} theirs={line.controlQuality} />
      <Both ours={line.divergence} theirs={line.controlDivergence} />
      <span role="gridcell" className="number">
        {milliseconds(line.totalMs)}
        <small className="soft">{milliseconds(line.servedTotalMs)}</small>
      </span>
      <span role="gridcell" className="number">
        {usd(line.costUsd)}
        <small className="soft">{usd(line.servedCostUsd)}</small>
      </span>
      <Excerpt text={texts?.servedExcerpt} />
      <Excerpt text={texts?.armExcerpt} />
    </div>
  )
})

function Both({ ours, theirs }: { ours: number | null; theirs: number | null }) {
  return (
    <span role="gridcell" className="number">
      {percent(ours, 0)}
      <small className="soft">{percent(theirs, 0)}</small>
    </span>
  )
}

function Excerpt({ text }: { text: string | null | undefined }) {
  return (
    <span role="gridcell" className="excerpt" dir="auto" aria-busy={text === undefined}>
      {text === undefined ? (
        <em className="soft">…</em>
      ) : text === null ? (
        <em className="soft">hidden</em>
      ) : text === '' ? (
        <em className="soft">no text</em>
      ) : (
        text
      )}
    </span>
  )
}
