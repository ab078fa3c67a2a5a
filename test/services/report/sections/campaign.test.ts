import { equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { campaign as section } from '../../../../services/report/sections/campaign.ts'
import { type Campaign } from '../../../../services/report/campaigns/attempts.ts'
import { formatText } from '../../../../services/report/format/text.ts'
import { Verdict } from '../../../../shared/contracts/verdict.ts'
import { gates, traffic, verdictOn } from '../../../support/pair-rows.ts'

const row = (hash: string, startedAtMs: number, relative: number) => ({
  campaignId: hash,
  hash,
  startedAtMs,
  comparedBefore: startedAtMs,
  countsFromMs: startedAtMs,
  inputs: JSON.stringify({ margins: { quality: { relative } } }),
})
const attempts = [row('aaa', 1, 0.03), row('bbb', 2, 0.05)]
const second: Campaign = { id: 'bbb', ...attempts[1]!, attempt: 2, attempts, bounds: new Map() }
const rows = traffic(3_000)

test('scores from elsewhere have no campaign', () => {
  equal(section(verdictOn(rows)), null)
})

test('the attempt, what changed, what it spends and all that was tried before are told', () => {
  const verdict = verdictOn(rows, { campaign: second })

  equal(Verdict.safeParse(verdict).error, undefined)
  const { sentences, table } = section(verdict)!
  match(sentences[0]!, /^Attempt 2: margins changed \(quality 3 % → 5 %\)\. Its hash is bbb; fixed at 1970/)
  match(sentences[1]!, /^It spends 0\.76 % of the 5 % that all attempts may spend together/)
  equal(table!.rows.length, 2)
  match(formatText([{ verdict, worst: [] }]), /Campaign\n +Attempt 2: margins changed/)
})

test('a GO says both what this attempt and what all attempts may spend', () => {
  const verdict = verdictOn(traffic(5_000), { campaign: second })

  equal(verdict.verdict, 'go')
  match(verdict.sentence, /With at most 0\.76 % probability .* \(5 % over all attempts\)\.$/)
})

test('candidates that compete share alpha, and it is said', () => {
  const verdict = verdictOn(rows, { campaign: second, candidates: 4, gates: gates({ candidatesCompete: true }) })

  match(section(verdict)!.sentences[1]!, /^It spends 0\.19 % of the 5 % .* 4 candidates of which one will be taken/)
})

test('an earlier attempt that was taken up again is said to be one', () => {
  const first = { ...second, ...attempts[0]!, id: 'aaa', attempt: 1 }
  match(section(verdictOn(rows, { campaign: first }))!.sentences[1]!, /Taken up again after attempt 2/)
})
