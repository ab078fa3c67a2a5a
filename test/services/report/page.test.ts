import { createHash } from 'node:crypto'
import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { pagePolicy, reportPage, summaryPage } from '../../../services/report/page.ts'
import { traffic, verdictOn } from '../../support/pair-rows.ts'
import { aFacts, aReport } from '../../support/report.ts'
import { aWorstComparison, hostile } from '../../support/worst-comparison.ts'

const verdict = verdictOn(traffic(3_000, { quality: 0.88 }))
const tagsOf = (page: string) => new Set(Array.from(page.matchAll(/<([a-z][a-z0-9]*)/gi), ([, tag]) => tag!))
const attributesOf = (page: string) =>
  Array.from(page.matchAll(/<[a-z][^>]*>/gi), ([tag]) => tag.replace(/"[^"]*"/g, '""')).join('\n')

test('the page shows the verdict, its sentence and its worst differences', () => {
  const page = summaryPage([{ verdict, worst: [aWorstComparison()] }])

  match(page, /class="badge no_go">NO-GO</)
  match(page, /NO-GO: quality is outside its margin/)
  match(page, /\{&quot;total&quot;: 125\}/)
  match(page, /small-1 at anthropic instead of large-1/)
})

test('margins are on the page, and several candidates are listed first', () => {
  const one = { verdict, worst: [] }
  const page = summaryPage([one, { verdict: { ...verdict, candidate: 'loud' }, worst: [] }])

  match(page, /<div class="margin">quality at least 97 % of the served model’s<\/div>/)
  match(page, /<td>loud<\/td>\s*<td class="no_go">NO-GO<\/td>\s*<td>quality<\/td>/)
  ok(!summaryPage([one]).includes('<td>subtle</td>'))
})

test('text of a model adds no element, attribute or address to the page', () => {
  const differences = [{ rung: 'text', path: hostile, message: hostile, served: hostile, arm: hostile }]
  const worst = [aWorstComparison({ servedExcerpt: hostile, armExcerpt: `"' onload=x ${hostile}`, differences })]
  const harmless = summaryPage([{ verdict, worst: [aWorstComparison()] }])
  const page = summaryPage([
    { verdict: { ...verdict, model: hostile, servedModels: [hostile], caveats: [hostile] }, worst },
  ])

  ok(!tagsOf(page).has('script') && !tagsOf(page).has('img'))
  for (const tag of tagsOf(page)) ok(tagsOf(harmless).has(tag) || tag === 'li', tag)
  ok(!/\son\w+=|href=|src=/.test(attributesOf(page)))
  // oxlint-disable-next-line no-control-regex -- that none is left is the point
  ok(!/[\u0000\u001B\u202E]/.test(page))
})

test('the policy allows the one style sheet and nothing else', () => {
  const [, style] = /<style>(.*)<\/style>/s.exec(summaryPage([]))!

  ok(pagePolicy.startsWith("default-src 'none'"))
  ok(pagePolicy.includes(`'sha256-${createHash('sha256').update(style!).digest('base64')}'`))
  equal(/\sstyle=/.test(summaryPage([{ verdict, worst: [aWorstComparison()] }])), false)
})

test('a report has its charts as drawings, each with words for those who cannot see it', () => {
  const page = reportPage(aReport())
  const drawings = Array.from(page.matchAll(/<svg [^>]*>/g), ([tag]) => tag)

  // One for each gate with an interval, latency, quality, divergence.
  ok(drawings.length >= verdict.gates.length + 3)
  for (const tag of drawings) match(tag, /role="img" aria-label="[^"]+"/)
  match(page, /aria-label="quality: candidate 2,000 exchanges, 97\.6 % in the highest bin/)
  for (const [, value] of page.matchAll(/\s(?:x|y|x1|x2|y1|y2|cx|cy|width|height)="([^"]*)"/g)) {
    ok(Number(value) >= 0, value!)
  }
})

test('names from the traffic add nothing to the charts and tables of a report', () => {
  const facts = aFacts()
  const named = {
    ...facts,
    prompts: facts.prompts.map((prompt) => ({ ...prompt, route: hostile, mostlyBy: hostile, example: hostile })),
    candidateArm: {
      ...facts.candidateArm,
      failures: [{ class: 'stream' as const, kind: hostile, count: 1, share: 0.1 }],
    },
  }
  const harmless = reportPage(aReport())
  const page = reportPage(aReport(verdict, [named]))

  for (const tag of tagsOf(page)) ok(tagsOf(harmless).has(tag), tag)
  ok(!/\son\w+=|href=|src=/.test(attributesOf(page)))
})

test('a page that is a file has the same policy within, and needs no script', () => {
  const page = reportPage(aReport())

  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)!
  ok(pagePolicy.startsWith(policy!.replaceAll('&#39;', "'")))
  ok(!page.includes('<script'))
})

test('an arm without answers, a single candidate without a control: no chart claims anything', () => {
  const facts = aFacts()
  const nothing = {
    ...facts,
    candidateArm: { ...facts.candidateArm, ttft: [], total: [] },
    controlArm: null,
    quality: { candidate: Array<number>(20).fill(0), control: null },
  }

  ok(!reportPage(aReport(verdict, [nothing])).includes('class="chart"'))
})
