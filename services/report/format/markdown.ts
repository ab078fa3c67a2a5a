import { type Report } from '../../../shared/contracts/report.ts'
import { type GateResult, type Verdict } from '../../../shared/contracts/verdict.ts'
import { plainWords } from '../facts/plain-words.ts'
import { factSectionsOf } from '../facts/sections.ts'
import { provenanceOf } from '../provenance.ts'
import { sectionsOf } from '../sections/index.ts'
import { type Section } from '../sections/section.ts'
import { type Summary, type WorstComparison } from '../summary.ts'
import { count, gateTitles, verdictTitles } from '../words.ts'
import { embedded } from './embedded.ts'
import { cut, plain } from './plain.ts'
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
import { differenceLine, worstTitle } from './text.ts'

const excerptLength = 400
const marks: Record<Verdict['verdict'], string> = { go: '🟢', no_go: '🔴', inconclusive: '🟡' }

/**
 * The summary for a pull request or a wiki. Text of models and clients stands in code spans, where nothing is markup.
 * `report` is carried along unseen, so that the file can be verified.
 */
export function formatMarkdown(summaries: readonly Summary[], report?: Report): string {
  const asOf = summaries[0] ? `, as of ${minute(summaries[0].verdict.asOf)} UTC` : ''
  const overviewRows = summaries.map(({ verdict }) => {
    const { gate, interval, more } = overview(verdict)
    return [verdict.candidate, titleOf(verdict), gate, interval, more]
  })
  return [
    `# Equivalence summary${asOf}`,
    table(['candidate', 'verdict', 'decided by', 'distance to margin × 100', 'more needed'], overviewRows),
    ...summaries.flatMap(candidateSection),
    ...(report === undefined ? [] : [...sectionOf(provenanceOf(report)), embedded(report)]),
    '',
  ].join('\n\n')
}

/** Sections by themselves, without a verdict. */
export function sectionsAsMarkdown(sections: readonly Section[]): string {
  return [...sections.flatMap(sectionOf), ''].join('\n\n')
}

const titleOf = ({ verdict }: Verdict) => `${marks[verdict]} **${verdictTitles[verdict]}**`

function candidateSection({ verdict, worst, facts }: Summary): string[] {
  const { candidate, provider, model, servedModels, ledger, caveats, gates } = verdict
  const instead = servedModels.length === 0 ? '' : ` instead of ${servedModels.map(code).join(', ')}`
  const ledgerRows = ledger.lines.map((line) => [...ledgerWords(line).map(cell), count(line.count)])
  return [
    `## ${candidate}: ${code(model)} at ${provider}${instead}`,
    ...plainWords(verdict, facts).map((words) => `**${text(words)}**`),
    `${marks[verdict.verdict]} ${text(verdict.sentence)}`,
    list(factsOf(verdict)),
    '### Gates',
    gateTable(
      ['gate', 'margin', 'candidate', 'served again'],
      gates.filter((gate) => !isReplayCheck(gate)),
    ),
    gateTable(['replay check', 'margin', 'served again', 'live'], gates.filter(isReplayCheck)),
    ...(gates.some(({ blocking }) => !blocking) ? ['\\* decides nothing: displayed only'] : []),
    text(legend(verdict)),
    ...sectionsOf(verdict).flatMap(sectionOf),
    ...(facts === undefined ? [] : factSectionsOf(facts)).flatMap(sectionOf),
    '### Ledger',
    text(ledgerTitle(ledger)),
    ...(ledgerRows.length === 0 ? [] : [table(['stage', 'outcome', 'count'], ledgerRows)]),
    ...worstSection(worst, candidate),
    ...(caveats.length === 0 ? [] : ['### To keep in mind', list(caveats)]),
  ]
}

function sectionOf({ title, sentences, table: rows }: Section): string[] {
  return [
    `### ${text(title)}`,
    ...sentences.map(text),
    ...(rows === null
      ? []
      : [
          table(
            rows.columns.map(({ title: column }) => text(column)),
            rows.rows.map((row) => row.map(cell)),
          ),
        ]),
  ]
}

function gateTable(titles: [string, string, string, string], gates: GateResult[]): string {
  const rows = gates.map((gate) => [
    `${gateTitles[gate.gate]}${gate.blocking ? '' : ' \\*'}`,
    cell(gate.margin),
    ...naturalPair(gate),
    gate.state === 'outside' ? `**${stateTitles.outside}**` : stateTitles[gate.state],
    distance(gate),
    count(gate.units),
    moreConversations(gate),
    cell(gate.notes.join('; ')),
  ])
  return table([...titles, 'state', 'distance × 100', 'n', 'more needed', 'notes'], rows)
}

function worstSection(worst: readonly WorstComparison[], candidate: string): string[] {
  if (worst.length === 0) return []
  const entries = worst.map((comparison, index) => {
    const lines = [
      `${index + 1}. ${code(worstTitle(comparison))}`,
      `   - served ${code(cut(comparison.servedExcerpt, excerptLength))}`,
      `   - ${candidate} ${code(cut(comparison.armExcerpt, excerptLength))}`,
      ...comparison.differences.map((difference) => `   - ${code(differenceLine(difference))}`),
    ]
    return lines.join('\n')
  })
  return ['### Worst differences', entries.join('\n')]
}

const list = (items: readonly string[]) => items.map((item) => `- ${text(item)}`).join('\n')

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A code span that no run of backticks in the text can end. */
function code(value: string): string {
  const content = plain(value)
  if (content === '') return '(empty)'
  const longest = Math.max(0, ...Array.from(content.matchAll(/`+/g), ([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return longest === 0 ? `\`${content}\`` : `${fence} ${content} ${fence}`
}

/** Our own words, with names from the traffic in them: no character acts as markup. */
function text(value: string): string {
  return plain(value).replace(/[\\`*_[\]<>|#]/g, '\\$&')
}

const cell = text
