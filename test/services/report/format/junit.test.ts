import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { formatJunit } from '../../../../services/report/format/junit.ts'
import { traffic, verdictOn } from '../../../support/pair-rows.ts'
import { hostile } from '../../../support/worst-comparison.ts'

const noGo = verdictOn(traffic(2_000, { quality: 0.88 }))
const go = verdictOn(traffic(3_000))
const open = verdictOn(traffic(150))

type Suite = { name: string; tests: number; failures: number; errors: number; skipped: number; cases: Case[] }
type Case = { name: string; kind: string; message: string }

/** As a strict parser reads it; one that finds a mistake ends the test. */
function read(xml: string): Suite[] {
  const script = `
import json, sys, xml.etree.ElementTree as tree
def case(node):
    found = [child for child in node if child.tag in ('failure', 'error', 'skipped')]
    kind = found[0].tag if found else 'passed'
    return {'name': node.get('name'), 'kind': kind, 'message': found[0].get('message') if found else ''}
root = tree.fromstring(sys.stdin.buffer.read())
assert root.tag == 'testsuites'
print(json.dumps([{'name': s.get('name'), **{k: int(s.get(k)) for k in ('tests', 'failures', 'errors', 'skipped')},
  'cases': [case(c) for c in s.iter('testcase')]} for s in root]))`
  const { stdout, stderr, status } = spawnSync('python3', ['-c', script], { input: xml, encoding: 'utf8' })
  equal(status, 0, stderr)
  return JSON.parse(stdout) as Suite[]
}

const kindOf = (suite: Suite, name: string) => suite.cases.find((each) => each.name === name)!.kind

test('a suite per candidate, a case per gate and one for the verdict; outside is a failure', () => {
  const [first, second] = read(formatJunit([noGo, { ...go, candidate: 'good' }])) as [Suite, Suite]

  deepEqual([first.name, second.name], ['subtle', 'good'])
  equal(first.tests, noGo.gates.length + 1)
  equal(kindOf(first, 'verdict'), 'failure')
  equal(kindOf(first, 'quality'), 'failure')
  equal(kindOf(first, 'cost'), 'passed')
  match(first.cases[0]!.message, /^NO-GO: quality is outside/)
  equal(second.failures + second.errors, 0)
  equal(kindOf(second, 'verdict'), 'passed')
})

test('what is not settled is skipped, or an error where that is wanted', () => {
  const [skipped] = read(formatJunit([open])) as [Suite]
  const [errors] = read(formatJunit([open], 'error')) as [Suite]

  equal(kindOf(skipped, 'verdict'), 'skipped')
  equal(skipped.errors, 0)
  equal(kindOf(errors, 'verdict'), 'error')
  equal(errors.errors, skipped.skipped - errors.skipped)
})

test('a gate that decides nothing fails nothing', () => {
  const gates = noGo.gates.map((gate) => ({ ...gate, blocking: gate.gate !== 'quality' && gate.blocking }))

  equal(kindOf(read(formatJunit([{ ...go, gates }]))[0]!, 'quality'), 'skipped')
})

for (const verdict of [noGo, go, open]) {
  test(`the counts of ${verdict.verdict} are those of its cases`, () => {
    const [suite] = read(formatJunit([verdict])) as [Suite]
    const count = (kind: string) => suite.cases.filter((each) => each.kind === kind).length

    deepEqual(
      [suite.tests, suite.failures, suite.errors, suite.skipped],
      [suite.cases.length, count('failure'), count('error'), count('skipped')],
    )
  })
}

test('text of a model is text, and what XML cannot hold is replaced', () => {
  const sentence = `${hostile}\u0001\uFFFF\uD800 ]]> &amp;`
  const [suite] = read(formatJunit([{ ...noGo, sentence, model: sentence }])) as [Suite]

  ok(suite.cases[0]!.message.includes('<script>alert(1)</script>'))
  ok(suite.cases[0]!.message.includes(']]> &amp;'))
  equal(read(formatJunit([])).length, 0)
})
