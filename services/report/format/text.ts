import { type Report } from '../../../shared/contracts/report.ts'
import { type GateResult, type LedgerLine, type Verdict } from '../../../shared/contracts/verdict.ts'
import { plainWords } from '../facts/plain-words.ts'
import { factSectionsOf } from '../facts/sections.ts'
import { provenanceOf } from '../provenance.ts'
import { sectionsOf } from '../sections/index.ts'
import { type Section, type Table } from '../sections/section.ts'
import { type Summary, type WorstComparison } from '../summary.ts'
import { count, gateTitles, percent, verdictTitles } from '../words.ts'
import { cut, plain, wrap } from './plain.ts'
import {
  distance,
  factsOf,
  isReplayCheck,
  ledgerTitle,
  ledgerWords,
  legend,
  minute,
  moreConversations,
  naturalPair,
  overview,
  stateTitles,
} from './rows.ts'

/** `report`: what the summaries were made from is told at the end. */
export type TextOptions = { width?: number; colors?: boolean; report?: Report }

type Style = keyof typeof styles
type Paint = (style: Style, text: string) => string

const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const
const verdictStyles: Record<Verdict['verdict'], Style> = { go: 'green', no_go: 'red', inconclusive: 'yellow' }
const stateStyles: Record<GateResult['state'], Style> = {
  inside: 'green',
  outside: 'red',
  undecided: 'yellow',
  no_data: 'dim',
  off: 'dim',
}

function painter(colors: boolean): Paint {
  return (style, text) => (colors ? `\u001B[${styles[style]}m${text}\u001B[0m` : text)
}

/** Cells on either side of the margin in the drawing of an interval. */
const halfBar = 10

/** The summary for a terminal: an overview, then each candidate with its gates, ledger, worst differences and caveats. */
export function formatText(
  summaries: readonly Summary[],
  { width = 100, colors = false, report }: TextOptions = {},
): string {
  const paint = painter(colors)
  const verdicts = summaries.map(({ verdict }) => verdict)
  const lines = [
    ...head(verdicts, paint),
    ...summaries.flatMap((summary) => candidateSection(summary, width, paint)),
    ...(report === undefined ? [] : sectionLines(provenanceOf(report), width, paint)),
  ]
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

/** Sections by themselves, without a verdict. */
export function sectionsAsText(
  sections: readonly Section[],
  { width = 100, colors = false }: TextOptions = {},
): string {
  const lines = sections.flatMap((section) => sectionLines(section, width, painter(colors)))
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

/** The overview, each candidate's verdict with its two worst kinds of difference, and one ledger for all of them. */
export function formatOverview(
  summaries: readonly Summary[],
  { width = 100, colors = false }: TextOptions = {},
): string {
  const paint = painter(colors)
  const sections = summaries.flatMap(({ verdict, worst }) => [
    titleOf(verdict, width, paint),
    '',
    ...verdictLines(verdict, width, paint),
    '',
    ...worstList(worst.slice(0, 2), verdict.candidate, width, paint),
  ])
  const verdicts = summaries.map(({ verdict }) => verdict)
  const lines = [...head(verdicts, paint), ...sections, ...sharedLedger(verdicts, paint)]
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

/** Each verdict has the lines of its own arms; those of the tap, the store and the control are the same in all. */
function sharedLedger(verdicts: readonly Verdict[], paint: Paint): string[] {
  const [first] = verdicts
  if (first === undefined) return []
  const lines = new Map(verdicts.flatMap(({ ledger }) => ledger.lines.map((line) => [ledgerWords(line).join(), line])))
  const order = ['tap', 'import', 'api', 'record', 'replay', 'compare']
  const rank = ({ stage }: LedgerLine) => (order.includes(stage) ? order.indexOf(stage) : order.length)
  return ledgerTable({ ...first.ledger, lines: [...lines.values()].toSorted((a, b) => rank(a) - rank(b)) }, paint)
}

function titleOf({ candidate, provider, model, servedModels }: Verdict, width: number, paint: Paint): string {
  const instead = servedModels.length === 0 ? '' : ` instead of ${plain(servedModels.join(', '))}`
  return paint('bold', cut(`── ${candidate}: ${plain(model)} at ${provider}${instead} `, width).padEnd(width, '─'))
}

function head(verdicts: readonly Verdict[], paint: Paint): string[] {
  const columns = [20, 15, 18, 26, 12]
  const title = ['candidate', 'verdict', 'decided by', 'distance to margin × 100', 'more needed']
  const rows = verdicts.map((verdict) => {
    const { gate, interval, more } = overview(verdict)
    const name = cut(verdict.candidate, columns[0]! - 2)
    const painted = paint(verdictStyles[verdict.verdict], verdictTitles[verdict.verdict].padEnd(columns[1]!))
    return `  ${name.padEnd(columns[0]!)}${painted}${gate.padEnd(columns[2]!)}${interval.padEnd(columns[3]!)}${more}`
  })
  const asOf = verdicts[0] ? `, as of ${minute(verdicts[0].asOf)} UTC` : ''
  return [
    paint('bold', `Equivalence summary${asOf}`),
    '',
    paint('dim', `  ${title.map((word, index) => word.padEnd(columns[index]!)).join('')}`),
    ...(rows.length === 0 ? ['  no candidate'] : rows),
    '',
  ]
}

function candidateSection({ verdict, worst, facts }: Summary, width: number, paint: Paint): string[] {
  return [
    titleOf(verdict, width, paint),
    '',
    ...plainWords(verdict, facts).flatMap((words) => indented(plain(words), width)),
    ...verdictLines(verdict, width, paint),
    '',
    ...factsOf(verdict).flatMap((fact) => indented(fact, width)),
    '',
    ...gateTable(verdict, paint),
    ...indented(legend(verdict), width).map((line) => paint('dim', line)),
    '',
    ...notes(verdict, width, paint),
    ...sectionsOf(verdict).flatMap((section) => sectionLines(section, width, paint)),
    ...(facts === undefined ? [] : factSectionsOf(facts)).flatMap((section) => sectionLines(section, width, paint)),
    ...ledgerTable(verdict.ledger, paint),
    ...worstList(worst, verdict.candidate, width, paint),
    ...caveatList(verdict.caveats, width, paint),
  ]
}

function verdictLines({ verdict, sentence }: Verdict, width: number, paint: Paint): string[] {
  return wrap(sentence, width - 2).map((line) => paint(verdictStyles[verdict], `  ${line}`))
}

const indented = (text: string, width: number, indent = '  ') =>
  wrap(text, width - indent.length).map((line) => `${indent}${line}`)

function gateTable({ gates }: Verdict, paint: Paint): string[] {
  const header = row(
    ['gate', 'candidate', 'served again', 'state'],
    'outside ◂ │ ▸ inside',
    'distance × 100',
    'more needed',
  )
  const replayHeader = row(['replay check', 'served again', 'live', ''], '', '', '')
  const line = (gate: GateResult) => gateRow(gate, paint)
  return [
    paint('dim', header),
    ...gates.filter((gate) => !isReplayCheck(gate)).map(line),
    paint('dim', replayHeader),
    ...gates.filter(isReplayCheck).map(line),
    paint('dim', '  * decides nothing: displayed only'),
  ]
}

function gateRow(gate: GateResult, paint: Paint): string {
  const [candidate, reference] = naturalPair(gate)
  const title = `${gateTitles[gate.gate]}${gate.blocking ? '' : ' *'}`
  const state = stateTitles[gate.state]
  const text = row([title, candidate, reference, state], bar(gate), distance(gate), moreConversations(gate))
  return text.replace(state, paint(stateStyles[gate.state], state))
}

function row(cells: [string, string, string, string], drawing: string, interval: string, more: string): string {
  const [title, candidate, reference, state] = cells
  return `  ${title.padEnd(18)}${candidate.padStart(10)} ${reference.padStart(12)}  ${state.padEnd(10)}${drawing.padEnd(23)}  ${interval.padEnd(22)}  ${more}`
}

/** The interval around the margin `│`, each gate on its own scale: `     ├──●──┤│          `. */
export function bar({ mean, lower, upper }: Pick<GateResult, 'mean' | 'lower' | 'upper'>): string {
  const cells = Array<string>(2 * halfBar + 1).fill(' ')
  cells[halfBar] = '│'
  if (mean === null || lower === null || upper === null) return cells.join('')
  const scale = Math.max(Math.abs(lower), Math.abs(upper)) || 1
  const cell = (value: number) => halfBar + Math.round((value / scale) * halfBar)
  for (let at = cell(lower); at <= cell(upper); at += 1) if (at !== halfBar) cells[at] = '─'
  cells[cell(lower)] = '├'
  cells[cell(upper)] = '┤'
  cells[cell(mean)] = '●'
  return cells.join('')
}

/** The margin of each gate, and what else must be known of it. */
function notes({ gates }: Verdict, width: number, paint: Paint): string[] {
  const lines = gates.flatMap(({ gate, margin, notes }) =>
    indented(`${gateTitles[gate]}: ${plain([margin, ...notes].join('; '))}`, width, '    '),
  )
  return [...lines.map((line) => paint('dim', line)), '']
}

function sectionLines({ title, sentences, table }: Section, width: number, paint: Paint): string[] {
  return [
    `  ${paint('bold', title)}`,
    ...sentences.flatMap((sentence) => indented(plain(sentence), width, '    ')),
    ...(table === null ? [] : tableLines(table, width, paint)),
    '',
  ]
}

/** Columns as wide as they need; the first gives way where the line would be too long. */
function tableLines({ columns, rows }: Table, width: number, paint: Paint): string[] {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => row.map(plain))
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => Array.from(row[column] ?? '').length)))
  const others = widths.slice(1).reduce((total, each) => total + each + 2, 4)
  widths[0] = Math.max(8, Math.min(widths[0]!, width - others))
  const line = (row: readonly string[]) =>
    columns.map(({ isNumber }, column) => {
      const text = cut(row[column] ?? '', widths[column]!)
      return isNumber ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)
    })
  return cells.map((row, index) => {
    const text = `    ${line(row).join('  ')}`
    return index === 0 ? paint('dim', text) : text
  })
}

function ledgerTable(ledger: Verdict['ledger'], paint: Paint): string[] {
  const lines = ledger.lines.map((line) => {
    const [stage, outcome] = ledgerWords(line)
    return `    ${cut(plain(stage), 24).padEnd(26)}${cut(plain(outcome), 46).padEnd(48)}${count(line.count).padStart(10)}`
  })
  const style = ledger.balanced ? 'green' : 'red'
  return [`  ${paint('bold', 'Ledger')}  ${paint(style, ledgerTitle(ledger))}`, ...lines, '']
}

function worstList(
  worst: readonly WorstComparison[],
  candidate: string,
  width: number,
  paint: Paint,
  title = 'Worst differences',
): string[] {
  if (worst.length === 0) return []
  const label = Math.max(candidate.length, 'served'.length) + 2
  const room = width - label - 7
  const entries = worst.flatMap((comparison, index) => [
    `  ${String(index + 1).padStart(3)}. ${paint('dim', cut(worstTitle(comparison), width - 7))}`,
    `       ${'served'.padEnd(label)}${cut(plain(comparison.servedExcerpt), room)}`,
    `       ${candidate.padEnd(label)}${cut(plain(comparison.armExcerpt), room)}`,
    ...comparison.differences
      .slice(0, 3)
      .map((difference) => `       ${''.padEnd(label)}${cut(differenceLine(difference), room)}`),
  ])
  return [`  ${paint('bold', title)}`, ...entries, '']
}

/** When, where and how bad, in one line. */
export function worstTitle(comparison: WorstComparison): string {
  const { capturedAt, route, outcome, reason, decidedBy, quality, exchangeId } = comparison
  const what =
    outcome === 'failed'
      ? `failed${reason ? `: ${reason.replaceAll('_', ' ')}` : ''}`
      : `quality ${percent(quality, 0)}, by ${decidedBy}`
  return plain(`${minute(capturedAt)}  ${route}  ${what}  ${exchangeId}`.replaceAll('  ', ' · '))
}

/** One difference: where, what, and both sides where they are known and not said yet. */
export function differenceLine({ rung, path, message, served, arm }: WorstComparison['differences'][number]): string {
  const said = [served, arm].every((side) => side === null || message.includes(side))
  const sides = said ? '' : `: ${served ?? 'nothing'} → ${arm ?? 'nothing'}`
  const place = path === null ? `${rung}: ` : message.includes(path) ? '' : `${path} `
  return plain(`≠ ${place}${message}${sides}`)
}

function caveatList(caveats: readonly string[], width: number, paint: Paint): string[] {
  if (caveats.length === 0) return []
  const lines = caveats.flatMap((caveat) =>
    indented(plain(caveat), width, '      ').map((line, index) => (index === 0 ? `    • ${line.trimStart()}` : line)),
  )
  return [`  ${paint('bold', 'To keep in mind')}`, ...lines, '']
}
