import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { ledgerFlow } from '../../../../../services/report/web/src/overview/ledger-flow.ts'
import { type LedgerLine } from '../../../../../shared/contracts/verdict.ts'
import { traffic, verdictOn } from '../../../../support/pair-rows.ts'

const line = (stage: string, outcome: string, count: number, rest: Partial<LedgerLine> = {}): LedgerLine => ({
  stage,
  outcome,
  count,
  arm: null,
  reason: null,
  ...rest,
})

const lines = [
  line('tap', 'served', 1_000),
  line('tap', 'published', 700),
  line('tap', 'sampled_out', 280),
  line('tap', 'unsupported', 15, { reason: 'files' }),
  line('tap', 'dropped', 5, { reason: 'tap_killed' }),
  line('record', 'stored', 699),
  line('replay', 'answered', 690, { arm: 'control' }),
  line('replay', 'answered', 680, { arm: 'small' }),
  line('replay', 'failed', 10, { arm: 'small' }),
  line('replay', 'not_asked', 9, { arm: 'small', reason: 'budget_reached' }),
  line('compare', 'equivalent', 650, { arm: 'small' }),
  line('compare', 'different', 30, { arm: 'small' }),
  line('compare', 'failed', 10, { arm: 'small' }),
  line('compare', 'not_comparable', 9, { arm: 'small', reason: 'served_error' }),
  line('replay', 'dead_lettered', 1, { reason: 'MESSAGE_MALFORMED' }),
]

test('every step counts what came that far, and every way out is named', () => {
  const flow = ledgerFlow(lines, [verdictOn(traffic(50))])

  deepEqual(
    flow.map(({ title, count }) => [title, count]),
    [
      ['Served', 1_000],
      ['Copied', 700],
      ['Stored', 699],
      ['Asked again', 1_380],
      ['Compared', 690],
      ['Counted in a verdict', 50],
    ],
  )
  deepEqual(flow[1]!.exits, [
    { words: 'sampled out', count: 280, isBad: false },
    { words: 'unsupported: files', count: 15, isBad: false },
    { words: 'dropped: tap killed', count: 5, isBad: true },
  ])
  deepEqual(flow[2]!.exits, [{ words: 'dead lettered by replay: MESSAGE MALFORMED', count: 1, isBad: true }])
  deepEqual(flow[3]!.exits, [{ words: 'not asked: budget reached', count: 9, isBad: false }])
  deepEqual(flow[4]!.exits, [{ words: 'not comparable: served error', count: 9, isBad: false }])
})

test('no served exchange goes without a step or a way out', () => {
  const [served, copied] = ledgerFlow(lines, [])
  equal(served!.count, copied!.count + copied!.exits.reduce((sum, { count }) => sum + count, 0))
})

test('of nothing comes an empty way, not a broken one', () => {
  equal(ledgerFlow([], []).length, 6)
})
