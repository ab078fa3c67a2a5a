import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Verdict } from '../../shared/contracts/verdict.ts'
import { understudy } from '../support/understudy.ts'

test('the demo runs on its own, ends with a verdict for each candidate, and leaves its report', async (context) => {
  const out = mkdtempSync(join(tmpdir(), 'understudy-demo-'))
  context.after(() => rmSync(out, { recursive: true, force: true }))

  const { code, stdout, stderr } = await understudy('demo', '--exchanges', '40', '--out', out, '--json')

  assert.equal(code, 0, stderr)
  const verdicts = JSON.parse(stdout).verdicts.map((verdict: unknown) => Verdict.parse(verdict)) as Verdict[]
  assert.deepEqual(
    verdicts.map(({ candidate }) => candidate),
    ['equivalent', 'subtle', 'fenced', 'flaky'],
  )
  for (const { comparisons, ledger } of verdicts) {
    assert.equal(comparisons.compared + comparisons.notComparable, 40)
    assert.equal(ledger.missing, 0)
  }
  assert.match(readFileSync(join(out, 'summary.md'), 'utf8'), /subtle/)
  assert.ok(existsSync(join(out, 'summary.json')))
})
