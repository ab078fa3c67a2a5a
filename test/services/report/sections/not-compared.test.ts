import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { formatMarkdown } from '../../../../services/report/format/markdown.ts'
import { formatText } from '../../../../services/report/format/text.ts'
import { summaryPage } from '../../../../services/report/page.ts'
import { notCompared } from '../../../../services/report/sections/not-compared.ts'
import { traffic, verdictOn } from '../../../support/pair-rows.ts'

const verdict = verdictOn(traffic(200, { quality: 1 }))
const leftOut = {
  ...verdict,
  comparisons: {
    ...verdict.comparisons,
    compared: 90,
    notComparable: 10,
    notComparableByReason: { served_error: 3, 'material_loss:tools<b>': 7 },
  },
}

test('a verdict that left nothing out has no such section', () => {
  equal(notCompared(verdict), null)
})

test('reasons are listed with the most frequent first, as a share of all that came', () => {
  const { rows } = notCompared(leftOut)!.table!

  equal(rows[0]!.join(' '), 'material loss:tools<b> 7 7.0 %')
  equal(rows[1]!.join(' '), 'served error 3 3.0 %')
})

test('every format shows the section, its text as text', () => {
  const summaries = [{ verdict: leftOut, worst: [] }]

  match(formatText(summaries), /Not compared\n +reason +exchanges +share\n +material loss:tools<b> +7 +7\.0 %/)
  match(formatMarkdown(summaries), /### Not compared\n\n\| reason \| exchanges \| share \|/)
  const page = summaryPage(summaries)
  match(page, /<h3>Not compared<\/h3>/)
  ok(page.includes('material loss:tools&lt;b&gt;') && !page.includes('tools<b>'))
})
