import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { formatText } from '../../../services/report/format/text.ts'
import { addJudged, asJudged, judgingFrom, noJudging } from '../../../services/report/judging.ts'
import { type PairRow } from '../../../services/report/pairs.ts'
import { judge } from '../../../services/report/sections/judge.ts'
import { aPairRow, traffic, verdictOn } from '../../support/pair-rows.ts'

const version = 'v2'
const judgingOf = (rows: readonly PairRow[], of: string) => judgingFrom(addJudged(noJudging(), rows, of), of)
const judgeOfReport = { version, allowOwnFamily: false }

/** The judge's scores of the candidate, with the served answer first and with its own. */
function judged(number: number, servedFirst: number, armFirst: number, changes: Partial<PairRow> = {}): PairRow {
  const isTorn = Math.abs(servedFirst - armFirst) === 1
  const quality = isTorn ? 1 : Math.min(1, servedFirst + armFirst)
  return aPairRow(number, {
    task: 'text',
    quality,
    outcome: quality === 1 ? 'equivalent' : 'different',
    decidedBy: isTorn ? 'text' : 'judge',
    judgeVersion: version,
    judgeState: isTorn ? 'inconsistent' : 'decided',
    judgeServedFirst: servedFirst,
    judgeArmFirst: armFirst,
    judgeLengthRatio: 2,
    judgeCostUsd: 0.01,
    ladderQuality: 1,
    ...changes,
  })
}

const many = (count: number, make: (number: number) => PairRow): PairRow[] =>
  Array.from({ length: count }, (_, number) => make(number))

test('pairs, reasons, order effects and money are counted', () => {
  const rows = [
    judged(1, 0, 0),
    judged(2, 0.5, 0.5),
    judged(3, 0, 1),
    judged(4, 0.5, 0.5, {
      judgeState: 'error',
      judgeReason: 'unparsable',
      judgeServedFirst: null,
      judgeArmFirst: null,
    }),
    aPairRow(5),
  ]
  deepEqual(judgingOf(rows, version), {
    version,
    pairs: 4,
    decided: 2,
    undecidedByReason: { inconsistent: 1, unparsable: 1 },
    consistency: 2 / 3,
    judgedTwice: 3,
    firstPlace: 3 / 4,
    lengthRatio: 2,
    cut: 0,
    costUsd: 0.04,
    controlCostUsd: 0,
    counts: true,
    otherVersions: 0,
  })
})

test('a judge that prefers a place more often than not does not count, and then quality is the ladder’s', () => {
  const rows = [...many(20, (number) => judged(number, 0, 1)), ...many(20, (number) => judged(20 + number, 0, 0))]
  const judging = judgingOf(rows, version)
  equal(judging.counts, false)

  const read = asJudged(rows, judging)
  ok(read.every(({ quality, outcome, decidedBy }) => quality === 1 && outcome === 'equivalent' && decidedBy === 'text'))
})

test('of few pairs nothing is said about the judge', () => {
  equal(
    judgingOf(
      many(19, (number) => judged(number, 0, 1)),
      version,
    ).counts,
    true,
  )
  equal(
    judgingOf(
      many(20, (number) => judged(number, 0, 1)),
      version,
    ).counts,
    false,
  )
})

test('the control’s pairs are the judge’s too, and the control’s quality goes with the judge', () => {
  const control = {
    controlJudgeVersion: version,
    controlJudgeServedFirst: 0,
    controlJudgeArmFirst: 1,
    controlQuality: 0.5,
    controlLadderQuality: 1,
  }
  const rows = many(30, (number) => aPairRow(number, control))
  const judging = judgingOf(rows, version)
  deepEqual([judging.pairs, judging.judgedTwice, judging.counts], [0, 30, false])
  ok(asJudged(rows, judging).every(({ controlQuality }) => controlQuality === 1))
})

test('decisions of another version of the judge, or of one that is switched off, count for nothing', () => {
  const rows = many(10, (number) => judged(number, 0, 0, { judgeVersion: 'v1' }))
  const judging = judgingOf(rows, version)
  deepEqual([judging.pairs, judging.otherVersions], [0, 10])
  for (const now of [judging, null]) ok(asJudged(rows, now).every(({ quality }) => quality === 1))
})

test('a failure stays one whatever the judge is', () => {
  const failure = aPairRow(1, { outcome: 'failed', error: true, quality: 0, decidedBy: 'status' })
  deepEqual(asJudged([failure], null), [failure])
})

test('freely worded and wrong: the judge makes a NO-GO of what the checks let pass', () => {
  const rows = traffic(1_500).map((row, at) => {
    const isWrong = at % 5 === 0
    return { ...judged(0, isWrong ? 0 : 0.5, isWrong ? 0 : 0.5), ...pick(row) }
  })
  const without = verdictOn(rows.map((row) => ({ ...row, quality: 1, judgeVersion: null, judgeState: null })))
  equal(without.verdict, 'go', without.sentence)

  const verdict = verdictOn(rows, { judge: judgeOfReport })
  deepEqual([verdict.verdict, verdict.decidingGate], ['no_go', 'quality'])
  equal(verdict.judging!.decided, 1_500)
  ok(!verdict.caveats.some((caveat) => caveat.includes('no judge')))
})

const pick = ({
  exchangeId,
  capturedAtMs,
  conversationId,
  ttftMs,
  totalMs,
  controlTtftMs,
  controlTotalMs,
}: PairRow) => ({
  exchangeId,
  capturedAtMs,
  conversationId,
  ttftMs,
  totalMs,
  controlTtftMs,
  controlTotalMs,
})

test('a judge that does not count is told where a reader looks, with the reason', () => {
  const verdict = verdictOn(
    many(40, (number) => judged(number, 0, 1)),
    { judge: judgeOfReport },
  )

  match(
    verdict.caveats.join('\n'),
    /no judge that counts \(.*only 0\.0 % of 40 pairs\): quality is what the checks make of the answers/,
  )
  match(judge(verdict)!.sentences[0]!, /do not count: .* 0\.0 % of 40 pairs, and 70 % is the least/)
  match(formatText([{ verdict, worst: [] }]), /Judge\n/)
})

test('pairs that were not judged, another version and a judge of the family are each told', () => {
  const broke = {
    judgeState: 'not_asked',
    judgeReason: 'budget_reached',
    judgeServedFirst: null,
    judgeArmFirst: null,
  } as const
  const rows = [
    ...many(6, (number) => judged(number, 0.5, 0.5)),
    ...many(2, (number) => judged(10 + number, 0.5, 0.5, broke)),
    judged(20, 0.5, 0.5, { judgeVersion: 'v1' }),
  ]
  const caveats = verdictOn(rows, { judge: { version, allowOwnFamily: true } }).caveats.join('\n')

  match(
    caveats,
    /2 pairs \(25\.0 %\) that were the judge’s to decide were not judged, most often \(2\) because of budget_reached/,
  )
  match(caveats, /1 comparison decided by another version of the judge/)
  match(caveats, /favour their own kind/)
})

test('the section says what it decided, how it did and what it cost', () => {
  const { sentences, table } = judge(
    verdictOn(
      many(4, (number) => judged(number, 0.5, 0.5)),
      { judge: judgeOfReport },
    ),
  )!

  match(
    sentences.join(' '),
    /Its decisions count.*It cost \$0\.0400 for the candidate’s answers and \$0 for the control’s/,
  )
  deepEqual(
    table!.rows.map(([, value]) => value),
    ['4', '4 (100.0 %)', '100.0 %', '–', '2.00', '0'],
  )
})

test('where there is no judge, or nothing for it to decide, there is no section', () => {
  equal(judge(verdictOn(traffic(50))), null)
  equal(judge(verdictOn(traffic(50), { judge: judgeOfReport })), null)
})

test('what more evidence costs has the judge in it, and is unknown where the judge has no price', () => {
  const needed = (judgeCostUsd: number | null) =>
    verdictOn(
      traffic(300).map((row) => ({ ...judged(0, 0.5, 0.5, { judgeCostUsd }), ...pick(row) })),
      { judge: judgeOfReport },
    ).moreNeeded!

  const [free, paid] = [needed(0), needed(0.01)]
  ok(Math.abs(paid.costUsd! - free.costUsd! - 0.01 * paid.exchanges!) < 1e-6 * paid.exchanges!)
  equal(needed(null).costUsd, null)
})
