import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import {
  progressOf,
  whatWouldChange,
  whereItLoses,
  whyOf,
} from '../../../../../services/report/web/src/overview/why.ts'
import { traffic, verdictOn } from '../../../../support/pair-rows.ts'
import { aFacts } from '../../../../support/report.ts'

const now = new Date('2026-11-28T12:00:00.000Z')
const go = verdictOn(traffic(3_000))
const noGo = verdictOn(traffic(2_000, { quality: 0.85 }))
const open = verdictOn(traffic(400))

test('a NO-GO says what the candidate does, what the served model does, what is allowed, and that traffic will not help', () => {
  equal(noGo.verdict, 'no_go')
  match(
    whyOf(noGo),
    /^Subtle keeps 8\d\.\d % of the served answers’ facts .* itself keeps 9\d\.\d %\. Allowed: quality at least 97 %/,
  )
  match(whatWouldChange(noGo, now), /^More of the same traffic will not change it/)
  equal(progressOf(noGo), null)
})

test('a GO says that all gates are kept and which one is the closest', () => {
  equal(go.verdict, 'go')
  match(whyOf(go), /^All \d gates that count are kept\. The closest call is /)
  match(whatWouldChange(go, now), /^Nothing more is needed/)
})

test('what is open says how many more, when at this rate, and what asking costs', () => {
  equal(open.verdict, 'inconclusive')
  const more = whatWouldChange(open, now)
  if (open.moreNeeded?.atObservedRate != null) {
    match(more, /^About [\d,]+ more (conversation|hour)s?, around .* at the present rate of traffic/)
    const progress = progressOf(open)!
    equal(progress.needed - progress.units, open.moreNeeded.atObservedRate)
  } else match(more, /^More traffic alone is not expected to settle /)
})

test('no sentence begins with the word of the verdict, which stands beside it already', () => {
  for (const verdict of [go, noGo, open, verdictOn([])]) {
    ok(!/^(GO|NO-GO|INCONCLUSIVE)/.test(whyOf(verdict)), whyOf(verdict))
    ok(whatWouldChange(verdict, now).length > 10)
  }
})

test('routes where it loses are named once, with those where it keeps up', () => {
  equal(whereItLoses(aFacts().prompts), 'By estimate it loses on invoice-extract and keeps up on support.')
  equal(whereItLoses([]), null)
})
