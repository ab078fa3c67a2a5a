import { createHash } from 'node:crypto'
import { type CandidateFacts, type Report } from '../../shared/contracts/report.ts'
import { type GateResult, type Verdict } from '../../shared/contracts/verdict.ts'
import { distributionCharts, intervalDrawing, latencyChart } from './charts.ts'
import { plainWords } from './facts/plain-words.ts'
import { factSectionsOf } from './facts/sections.ts'
import { embedded } from './format/embedded.ts'
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
} from './format/rows.ts'
import { differenceLine, worstTitle } from './format/text.ts'
import { Html, markup } from './html.ts'
import { pageStyle } from './page.css.ts'
import { provenanceOf } from './provenance.ts'
import { summariesOf } from './report.ts'
import { sectionsOf } from './sections/index.ts'
import { type Section } from './sections/section.ts'
import { type Summary, type WorstComparison } from './summary.ts'
import { count, gateTitles, verdictTitles } from './words.ts'

const styleHash = createHash('sha256').update(pageStyle).digest('base64')

/** Nothing loads and nothing runs: answers of models are shown here, and must stay text. Also where the page is a file. */
const filePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`
export const pagePolicy = `${filePolicy}; frame-ancestors 'none'`

/** The whole report as one page without scripts, which carries it along unseen so that it can be verified. */
export function reportPage(report: Report): string {
  return summaryPage(summariesOf(report), report)
}

export function summaryPage(summaries: readonly Summary[], report?: Report): string {
  const asOf = summaries[0] ? `as of ${minute(summaries[0].verdict.asOf)} UTC` : ''
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${filePolicy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Understudy: equivalence summary</title>
        ${new Html(`<style>${pageStyle}</style>`)}
      </head>
      <body>
        <header>
          <h1>Equivalence summary</h1>
          <span class="soft">${asOf}</span>
        </header>
        ${overviewTable(summaries)}
        <main>${summaries.map(candidateCard)}</main>
        ${report === undefined ? '' : madeFrom(report)}
      </body>
    </html> `
  return page.markup
}

function overviewTable(summaries: readonly Summary[]): Html | string {
  if (summaries.length < 2) return ''
  const rows = summaries.map(({ verdict }) => {
    const { gate, interval, more } = overview(verdict)
    return markup`<tr>
      <td>${verdict.candidate}</td>
      <td class="${verdict.verdict}">${verdictTitles[verdict.verdict]}</td>
      <td>${gate}</td>
      <td>${interval}</td>
      <td class="number">${more}</td>
    </tr>`
  })
  return markup`<article>
    <div class="scroll">
      <table>
        <tr>
          <th>candidate</th>
          <th>verdict</th>
          <th>decided by</th>
          <th>distance to margin × 100</th>
          <th class="number">more needed</th>
        </tr>
        ${rows}
      </table>
    </div>
  </article>`
}

function madeFrom(report: Report): Html {
  return markup`<footer>${sectionMarkup(provenanceOf(report))}${new Html(`\n${embedded(report)}\n`)}</footer>`
}

function candidateCard({ verdict, worst, facts }: Summary): Html {
  const { candidate, provider, model, servedModels } = verdict
  const instead = servedModels.length === 0 ? '' : ` instead of ${servedModels.join(', ')}`
  const subject = `${model} at ${provider}${instead}`
  return markup`<article id="${candidate}">
    <header>
      <h2>${candidate}</h2>
      <span class="badge ${verdict.verdict}">${verdictTitles[verdict.verdict]}</span>
      <span class="soft">${subject}</span>
    </header>
    ${plainWords(verdict, facts).map((words) => markup`<p class="advice">${words}</p>`)}
    <p class="sentence">${verdict.sentence}</p>
    ${factsOf(verdict).map((fact) => markup`<div class="soft">${fact}</div>`)} ${gateSection(verdict)}
    ${sectionsOf(verdict).map(sectionMarkup)} ${facts === undefined ? '' : factsMarkup(facts)} ${ledgerSection(verdict.ledger)} ${worstSection(worst, candidate)}
    ${
      verdict.caveats.length === 0
        ? ''
        : markup`<h3>To keep in mind</h3>
            <ul>
              ${verdict.caveats.map((caveat) => markup`<li>${caveat}</li>`)}
            </ul>`
    }
  </article>`
}

function factsMarkup(facts: CandidateFacts): Html {
  return markup`${factSectionsOf(facts).map((section) => sectionMarkup(section))} ${latencyChart(facts)}
    ${distributionCharts(facts)}`
}

function sectionMarkup({ title, sentences, table }: Section): Html {
  const cellClass = (column: number) => (table!.columns[column]?.isNumber ? 'number' : '')
  return markup`<h3>${title}</h3>
    ${sentences.map((sentence) => markup`<p>${sentence}</p>`)}
    ${
      table === null
        ? ''
        : markup`<div class="scroll${table.columns.length <= 4 ? ' narrow' : ''}">
            <table>
              <tr>
                ${table.columns.map((column, at) => markup`<th class="${cellClass(at)}">${column.title}</th>`)}
              </tr>
              ${table.rows.map(
                (row) =>
                  markup`<tr>
                    ${row.map((text, at) => markup`<td class="${cellClass(at)}">${text}</td>`)}
                  </tr>`,
              )}
            </table>
          </div>`
    }`
}

function gateSection(verdict: Verdict): Html {
  const { gates } = verdict
  return markup`<h3>Gates</h3>
    <div class="scroll">
      <table>
        <tr>
          <th>gate</th>
          <th class="number">candidate</th>
          <th class="number">served again</th>
          <th>state</th>
          <th>outside ◂ margin ▸ inside</th>
          <th>distance × 100</th>
          <th class="number">n</th>
          <th class="number">more needed</th>
        </tr>
        ${gates.filter((gate) => !isReplayCheck(gate)).map(gateRow)}
        <tr>
          <th>replay check</th>
          <th class="number">served again</th>
          <th class="number">live</th>
          <th></th>
          <th></th>
          <th></th>
          <th></th>
          <th></th>
        </tr>
        ${gates.filter(isReplayCheck).map(gateRow)}
      </table>
    </div>
    <p><small>${legend(verdict)}</small></p>`
}

function gateRow(gate: GateResult): Html {
  const [candidate, reference] = naturalPair(gate)
  const advisory = gate.blocking ? '' : markup` <small>advisory</small>`
  return markup`<tr title="${gate.notes.join('; ')}">
    <td>
      ${gateTitles[gate.gate]}${advisory}
      <div class="margin">${gate.margin}</div>
    </td>
    <td class="number">${candidate}</td>
    <td class="number">${reference}</td>
    <td class="${gate.state}">${stateTitles[gate.state]}</td>
    <td class="${gate.state}">${intervalDrawing(gate)}</td>
    <td class="interval">${distance(gate)}</td>
    <td class="number">${count(gate.units)}</td>
    <td class="number">${moreConversations(gate)}</td>
  </tr>`
}

function ledgerSection(ledger: Verdict['ledger']): Html {
  const rows = ledger.lines.map((line) => {
    const [stage, outcome] = ledgerWords(line)
    return markup`<tr>
      <td>${stage}</td>
      <td>${outcome}</td>
      <td class="number">${count(line.count)}</td>
    </tr>`
  })
  return markup`<details>
    <summary>Ledger: <span class="${ledger.balanced ? 'inside' : 'outside'}">${ledgerTitle(ledger)}</span></summary>
    <table>
      ${rows}
    </table>
  </details>`
}

function worstSection(worst: readonly WorstComparison[], candidate: string): Html | string {
  if (worst.length === 0) return ''
  const entries = worst.map(
    (comparison) =>
      markup`<div class="worst">
        <small>${worstTitle(comparison)}</small>
        <div class="sides">
          <div>
            <small>served</small>
            <pre>${comparison.servedExcerpt}</pre>
          </div>
          <div>
            <small>${candidate}</small>
            <pre>${comparison.armExcerpt}</pre>
          </div>
        </div>
        <ul>
          ${comparison.differences.map((difference) => markup`<li><code>${differenceLine(difference)}</code></li>`)}
        </ul>
      </div>`,
  )
  return markup`<details open>
    <summary>Worst differences</summary>
    ${entries}
  </details>`
}
