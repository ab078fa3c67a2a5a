import { type FormEvent, useEffect, useRef, useState } from 'react'
import { type CandidateFacts } from '../../../../../shared/contracts/report.ts'
import { type Verdict } from '../../../../../shared/contracts/verdict.ts'

/** Parameters of `GET /api/v1/comparisons`, under the same names in the page's own address. */
export const filterNames = [
  'candidate',
  'route',
  'outcome',
  'decidedBy',
  'path',
  'minDivergence',
  'q',
  'from',
  'to',
  'sort',
] as const
export type Filters = Partial<Record<(typeof filterNames)[number], string>>

export function filtersOf(query: URLSearchParams): Filters {
  return Object.fromEntries(filterNames.flatMap((name) => (query.get(name) ? [[name, query.get(name)!]] : [])))
}

const outcomes = [
  ['equivalent', 'equivalent'],
  ['different', 'different'],
  ['failed', 'failed'],
  ['not_comparable', 'not comparable'],
] as const
const sorts = [
  ['worst', 'worst first'],
  ['newest', 'newest first'],
  ['oldest', 'oldest first'],
  ['divergence', 'most different'],
  ['slowest', 'slowest'],
  ['dearest', 'dearest'],
] as const

/** Typing is over when nothing was typed for so long. */
const settledMs = 200

/** What is to be shown. Filtering, searching and sorting are the store's work. */
export function FilterBar({
  filters,
  verdicts,
  facts,
  onChange,
}: {
  filters: Filters
  verdicts: readonly Verdict[]
  facts: readonly CandidateFacts[]
  onChange: (filters: Filters) => void
}) {
  const verdict = verdicts.find(({ candidate }) => candidate === filters.candidate)
  const prompts = facts.find(({ candidate }) => candidate === filters.candidate)?.prompts
  const slices = verdict?.slices?.declared.filter(({ dimension }) => dimension === 'route')
  const routes = optionsOf(filters.route, [
    ...(slices ?? []).map(({ value }) => value),
    // While every conversation is open, no slice has anything in it yet.
    ...(prompts ?? []).map(({ route }) => route),
  ])
  const rungs = optionsOf(
    filters.decidedBy,
    verdict?.breakdown?.rungs.map(({ rung }) => rung),
  )
  const set = (name: keyof Filters) => (value: string) => onChange({ ...filters, [name]: value })
  return (
    <search className="filters">
      <Select
        label="Candidate"
        value={filters.candidate ?? ''}
        onChange={set('candidate')}
        options={verdicts.map(({ candidate }) => [candidate, candidate])}
      />
      <Typed label="Search in the answers" name="q" value={filters.q ?? ''} onChange={set('q')} type="search" isWide />
      <Select
        label="Route"
        value={filters.route ?? ''}
        onChange={set('route')}
        options={[['', 'all routes'], ...routes]}
      />
      <Select
        label="Outcome"
        value={filters.outcome ?? ''}
        onChange={set('outcome')}
        options={[['', 'all outcomes'], ...outcomes]}
      />
      <Select
        label="Decided by"
        value={filters.decidedBy ?? ''}
        onChange={set('decidedBy')}
        options={[['', 'all checks'], ...rungs]}
      />
      <Typed
        label="Field that differs"
        name="path"
        value={filters.path ?? ''}
        onChange={set('path')}
        placeholder="/total"
      />
      <Typed
        label="Divergence from"
        name="minDivergence"
        value={filters.minDivergence ?? ''}
        onChange={set('minDivergence')}
        placeholder="0.5"
        isNarrow
      />
      <Typed label="From" name="from" value={filters.from ?? ''} onChange={set('from')} type="date" />
      <Typed label="To" name="to" value={filters.to ?? ''} onChange={set('to')} type="date" />
      <Select label="Order" value={filters.sort ?? 'worst'} onChange={set('sort')} options={sorts} />
      {Object.keys(filters).some((name) => name !== 'candidate' && name !== 'sort') && (
        <button
          className="button quiet"
          type="button"
          onClick={() =>
            onChange({
              ...(filters.candidate && { candidate: filters.candidate }),
              ...(filters.sort && { sort: filters.sort }),
            })
          }
        >
          Clear filters
        </button>
      )}
    </search>
  )
}

function optionsOf(chosen: string | undefined, known: readonly string[] = []): [string, string][] {
  return [...new Set([...known, ...(chosen ? [chosen] : [])])].toSorted().map((value) => [value, value])
}

type SelectProps = {
  label: string
  value: string
  options: readonly (readonly [string, string])[]
  onChange: (value: string) => void
}

function Select({ label, value, options, onChange }: SelectProps) {
  return (
    <label className="labelled">
      {label}
      <select className="field" value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([of, title]) => (
          <option key={of} value={of}>
            {title}
          </option>
        ))}
      </select>
    </label>
  )
}

type TypedProps = {
  label: string
  name: string
  value: string
  onChange: (value: string) => void
  type?: string
  placeholder?: string
  isWide?: boolean
  isNarrow?: boolean
}

function Typed({ label, name, value, onChange, type = 'text', placeholder, isWide, isNarrow }: TypedProps) {
  const [text, setText] = useState(value)
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => {
    setText(value)
    return () => clearTimeout(waiting.current)
  }, [value])
  const typed = (event: FormEvent<HTMLInputElement>) => {
    const entered = event.currentTarget.value
    setText(entered)
    clearTimeout(waiting.current)
    waiting.current = setTimeout(() => onChange(entered.trim()), settledMs)
  }
  return (
    <label className={`labelled ${isWide ? 'wide' : ''} ${isNarrow ? 'narrow' : ''}`}>
      {label}
      <input
        className="field"
        name={name}
        type={type}
        value={text}
        placeholder={placeholder}
        onInput={typed}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return
          clearTimeout(waiting.current)
          onChange(text.trim())
        }}
        onChange={() => {}}
        dir="auto"
      />
    </label>
  )
}
