import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { runApp } from '../../services/cli/demo/app.ts'
import { demoApiKey } from '../../services/cli/demo/world.ts'
import { Verdict } from '../../shared/contracts/verdict.ts'
import { setStage, startUnderstudy, understudy, until } from '../support/understudy.ts'

const count = 50
const arms = ['control', 'equivalent', 'fenced', 'flaky', 'subtle']
let stage: Awaited<ReturnType<typeof setStage>>
let up: Awaited<ReturnType<typeof startUnderstudy>>
const cli = (...args: string[]) => understudy(...args, '--config', stage.configFile)
const rows = async <T>(sql: string): Promise<T[]> => {
  const { stdout, stderr, code } = await cli('sql', '--format', 'JSONEachRow', sql)
  assert.equal(code, 0, stderr)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
}

before(async () => {
  stage = await setStage(count)
  up = await startUnderstudy('up', '--config', stage.configFile)
  const { failed } = await runApp({
    openaiBaseUrl: `http://127.0.0.1:${stage.ports.tap}/openai/v1`,
    anthropicBaseUrl: `http://127.0.0.1:${stage.ports.tap}/anthropic`,
    apiKey: demoApiKey,
    exchanges: stage.exchanges,
    concurrency: 8,
  })
  assert.equal(failed, 0)
  await until('every arm of every exchange is compared', 60_000, async () => {
    const [row] = await rows<{ n: number }>('SELECT toUInt32(count()) AS n FROM comparisons_unique')
    return row!.n >= count * arms.length
  })
})

after(async () => {
  const finished = await up?.stop()
  await stage?.strike()
  assert.equal(finished?.code, 0, finished?.stderr)
})

test('fifty SDK requests become fifty comparisons for every arm, each of them counted once', async () => {
  const counted = await rows<{ arm: string; n: number; ids: number }>(
    'SELECT arm, toUInt32(count()) AS n, toUInt32(uniqExact(exchange_id)) AS ids FROM comparisons_unique GROUP BY arm ORDER BY arm',
  )
  assert.deepEqual(
    counted,
    arms.map((arm) => ({ arm, n: count, ids: count })),
  )
})

test('summary, views and gate tell the same story', async () => {
  for (const candidate of arms.slice(1)) {
    const summary = JSON.parse(
      (await cli('summary', '--candidate', candidate, '--as-of', 'end', '--format', 'json')).stdout,
    )
    const verdict = Verdict.parse(summary.verdicts[0])
    const [viewed] = await rows<{ compared: number; quality: number; failed: number }>(
      `SELECT toUInt32(count()) AS compared, avg(quality) AS quality, toUInt32(countIf(outcome = 'failed')) AS failed
       FROM diff_report(candidate='${candidate}', since='2026-01-01')`,
    )
    assert.equal(viewed!.compared, verdict.comparisons.compared)
    assert.equal(viewed!.failed, verdict.comparisons.failed)
    assert.ok(Math.abs(viewed!.quality - verdict.means.quality!) < 1e-9)
    const gate = await cli('gate', '--candidate', candidate, '--as-of', 'end', '--json')
    assert.equal(gate.code, { go: 0, no_go: 3, inconclusive: 4 }[verdict.verdict])
    assert.equal(JSON.parse(gate.stdout).verdict, verdict.verdict)
    assert.equal(JSON.parse(gate.stdout).reason, verdict.reason)
  }
})

test('fifty exchanges are too few for any verdict, and the summary says how many more', async () => {
  const { stdout } = await cli('summary', '--candidate', 'equivalent', '--as-of', 'end', '--json')
  const [verdict] = JSON.parse(stdout).verdicts
  assert.equal(verdict.verdict, 'inconclusive')
  assert.equal(verdict.reason, 'too_few_units')
  assert.ok(verdict.moreNeeded.exchanges > 0)
})

test('the ledger balances from the tap to the comparisons', async () => {
  await until('the tap has published its counts', 20_000, async () => {
    const [line] = await rows<{ n: number }>(
      "SELECT toUInt32(sum(count)) AS n FROM ledger_unique WHERE outcome = 'published'",
    )
    return line!.n === count
  })
  const { stdout } = await cli('summary', '--candidate', 'equivalent', '--as-of', 'end', '--json')
  const [verdict] = JSON.parse(stdout).verdicts
  assert.equal(verdict.ledger.balanced, true)
  assert.equal(verdict.ledger.missing, 0)
})

test('the report answers over HTTP with the same verdict', async () => {
  const answer = await fetch(`http://127.0.0.1:${stage.ports.report}/api/v1/candidates/fenced/verdict?asOf=end`)
  assert.equal(answer.status, 200)
  const { stdout } = await cli('gate', '--candidate', 'fenced', '--as-of', 'end', '--json')
  assert.equal(((await answer.json()) as { verdict: string }).verdict, JSON.parse(stdout).verdict)
})

test('bad input ends with a message that says what to do', async () => {
  const unknown = await cli('gate', '--candidate', 'nobody')
  assert.equal(unknown.code, 2)
  assert.match(unknown.stderr, /no candidate "nobody".*equivalent, subtle/s)
  const sql = await cli('sql', 'SELECT nothing FROM nowhere')
  assert.equal(sql.code, 1)
  assert.match(sql.stderr, /nowhere/)
  const format = await cli('summary', '--format', 'pdf')
  assert.equal(format.code, 2)
  assert.match(format.stderr, /text, json, md/)
  const missing = await understudy('summary', '--config', '/nowhere/understudy.yaml')
  assert.equal(missing.code, 2)
  assert.match(missing.stderr, /understudy init/)
  const second = await cli('up')
  assert.equal(second.code, 1)
  assert.match(second.stderr, /lock|in use/i)
})

test('usage errors are one line, and one JSON document where that was asked for', async () => {
  const unknown = await understudy('sumary')
  assert.equal(unknown.code, 2)
  assert.match(unknown.stderr, /^understudy: unknown command 'sumary' \(Did you mean summary\?\).*\n$/)
  const option = await understudy('gate', '--json')
  assert.equal(option.code, 2)
  assert.equal(option.stderr, '')
  assert.equal(JSON.parse(option.stdout).error.code, 'USAGE')
  const version = await understudy('--version')
  assert.deepEqual([version.code, version.stdout], [0, '0.1.0\n'])
})

test('a command below a command reads the config and the format that it is given', async () => {
  const letters = await cli('dead-letters', 'list', '--json')
  assert.equal(letters.code, 0, letters.stderr)
  assert.deepEqual(JSON.parse(letters.stdout), [])
})

test('a summary that cannot be written says where and what to do', async () => {
  const { code, stderr } = await cli('summary', '-o', '/nowhere/summary.md')
  assert.equal(code, 2)
  assert.match(stderr, /^understudy: --output \/nowhere\/summary.md cannot be written \(ENOENT\): .*\n$/)
})

test('an import that can use no line fails, and says why', async () => {
  const { code, stdout } = await cli('import', stage.configFile)
  assert.equal(code, 1)
  assert.match(stdout, /^0 of \d+ exchanges imported\n {2}\d+ not used: not a JSON object \(line 1, /)
})
