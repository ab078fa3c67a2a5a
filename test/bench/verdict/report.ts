import { type Coverage, nominal } from './coverage.ts'
import { type Share } from './draws.ts'
import { alpha, type FalseGo } from './looks.ts'
import { type Power } from './power.ts'

export type Results = {
  about: { startedAt: string; minutes: number; node: string; full: boolean }
  falseGo: FalseGo[]
  coverage: Coverage[]
  power: Power[]
}

/** So far chance alone may take a share from what is promised. */
const errors = 3

const percent = (value: number, digits = 1) => `${(100 * value).toFixed(digits)} %`
const told = ({ share, error }: Share) => `${percent(share)} ± ${percent(error)}`
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
const table = (titles: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(titles), row(titles.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(row)].join('\n')

/** Standard error under the promise itself, so that a share of 0 or 1 has one too. */
const chance = (promised: number, runs: number) => Math.sqrt((promised * (1 - promised)) / runs)

export function isHeld({ go, outside }: FalseGo): 'held' | 'not promised' | 'BROKEN' {
  if (go.share <= alpha + errors * chance(alpha, go.runs)) return 'held'
  return outside === null ? 'BROKEN' : 'not promised'
}

export function covers({ promise, covered }: Coverage): 'held' | 'a little below' | 'BROKEN' {
  if (covered.share >= nominal - errors * chance(nominal, covered.runs)) return 'held'
  // An approximation that is off by more than five points is none.
  return promise === 'about' && covered.share >= nominal - 0.05 ? 'a little below' : 'BROKEN'
}

export function report({ about, falseGo, coverage, power }: Results): string {
  const notes = falseGo.flatMap(({ world, outside, warned }) =>
    outside === null ? [] : [`- ${world}: ${outside} (${warned} of its GO came with it).`],
  )
  return `${[
    '# Does the verdict keep its promises?',
    `Seeded simulations: the same seeds give the same shares on every machine. ${about.full ? 'Full' : 'Short'} run of ${about.minutes.toFixed(1)} minutes, Node ${about.node}, ${about.startedAt}. ± is the Monte-Carlo standard error.`,
    '## A candidate exactly at its margin: how often is it let through?',
    `A look every 100 exchanges, from 100 units on; at most ${percent(alpha, 0)} of the runs may get GO at any of them (cost: a look every 2,000). The last two columns are what others' rules do with the same exchanges.`,
    table(
      ['world', 'gate', 'exchanges', 'false GO', 'false NO-GO', 'promise', 'peeked t-test', 'point estimate'],
      falseGo.map((each) => [
        each.world,
        each.gate,
        each.exchanges.toLocaleString('en-US'),
        told(each.go),
        told(each.noGo),
        isHeld(each),
        told(each.peekedTTest),
        told(each.pointEstimate),
      ]),
    ),
    ...(notes.length === 0 ? [] : [notes.join('\n')]),
    `## Intervals of nominal ${percent(nominal, 0)}: how often do they hold the truth?`,
    table(
      ['interval', 'promise', 'covered', 'runs', ''],
      coverage.map((each) => [
        each.interval,
        each.promise === 'least' ? `at least ${percent(nominal, 0)}` : `about ${percent(nominal, 0)}`,
        told(each.covered),
        String(each.covered.runs),
        covers(each),
      ]),
    ),
    '## Planned power of 80 %: how often does an equal candidate pass?',
    table(
      ['sd, margin', 'sequential', 'passed', 'one look', 'passed', 'equivalence', 'passed'],
      power.map(({ sd, margin, sequential, oneLook, equivalence }) => [
        `${sd}, ${margin}`,
        ...[sequential, oneLook, equivalence].flatMap(({ units, realised }) => [String(units), told(realised)]),
      ]),
    ),
  ].join('\n\n')}\n`
}
