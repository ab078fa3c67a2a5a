import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { formatMarkdown } from '../../../../services/report/format/markdown.ts'
import { traffic, verdictOn } from '../../../support/pair-rows.ts'
import { aWorstComparison, hostile } from '../../../support/worst-comparison.ts'

const verdict = verdictOn(traffic(3_000, { quality: 0.88 }))

test('every row of a table has as many cells as its head', () => {
  const lines = formatMarkdown([{ verdict, worst: [aWorstComparison()] }]).split('\n')
  let columns = 0
  for (const line of lines) {
    const cells = line.startsWith('|') ? line.replaceAll('\\|', '').split('|').length : 0
    if (cells > 0 && columns > 0) equal(cells, columns, line)
    columns = cells
  }
})

test('the verdict, its sentence and the gates are there', () => {
  const markdown = formatMarkdown([{ verdict, worst: [] }])

  match(markdown, /\| subtle \| 🔴 \*\*NO-GO\*\* \| quality \|/)
  match(markdown, /\| quality \| quality at least 97 % .*\*\*OUTSIDE\*\*/)
})

test('text of a model stays inside code spans', () => {
  const worst = [aWorstComparison({ servedExcerpt: hostile, armExcerpt: '``` ` ``' })]
  const markdown = formatMarkdown([{ verdict, worst }])
  const withoutSpans = markdown.replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, '')

  ok(markdown.includes('<script>'))
  ok(!withoutSpans.includes('<script>') && !withoutSpans.includes('canary.example'))
  ok(!markdown.includes('\u001B'))
})
