import { deepEqual, equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { formatText } from '../../../../services/report/format/text.ts'
import { lossy } from '../../../../services/report/sections/lossy.ts'
import { traffic, verdictOn } from '../../../support/pair-rows.ts'

const asked = traffic(200, { quality: 1 })
const lost = asked.map((row, at) => ({ ...row, losses: at < 50 ? ['seed:dropped'] : [] }))

test('where every exchange was asked as recorded there is no such section', () => {
  equal(lossy(verdictOn(asked)), null)
})

test('what was lost is listed with how the exchanges fared that lost it', () => {
  const verdict = verdictOn(lost)
  const section = lossy(verdict)!

  match(section.sentences[0]!, /^50 exchanges in the gates \(25\.0 %\)/)
  deepEqual(section.table!.rows, [['seed (dropped)', '50', '25.0 %', '100.0 %']])
  match(formatText([{ verdict, worst: [] }]), /Asked with less than was recorded\n/)
})
