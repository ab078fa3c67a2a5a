import { createHash } from 'node:crypto'
import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { pagePolicy, summaryPage } from '../../../services/report/page.ts'
import { traffic, verdictOn } from '../../support/pair-rows.ts'
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
