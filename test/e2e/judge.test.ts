import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startStages } from '../../services/cli/stages.ts'
import { Config } from '../../shared/config/schema.ts'
import { Verdict } from '../../shared/contracts/verdict.ts'
import { silentLogger } from '../../shared/logger.ts'
import { badText, fair, goodText, pretendJudge, servedText } from '../services/compare/judge/pretend-judge.ts'
import { chatCompletion, pretendProvider, sendJson } from '../services/replay/pretend-provider.ts'
import { until } from '../support/understudy.ts'

const count = 120

test('a candidate whose answers are freely worded and wrong passes every check, and is caught by the judge', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-judged-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const models = await pretendProvider(t, (response, { body }) =>
    sendJson(response, 200, chatCompletion(body.model === 'mini-1' ? badText : goodText, body.model)),
  )
  const court = await pretendJudge(t, fair)
  const config = Config.parse({
    tap: { upstreams: { acme: { dialect: 'openai', baseUrl: models.url } } },
    log: { embedded: join(folder, 'log.db') },
    store: { embedded: join(folder, 'store'), listen: '127.0.0.1:0' },
    providers: {
      acme: { dialect: 'openai', baseUrl: `${models.url}/v1` },
      court: { dialect: 'openai', baseUrl: `${court.url}/v1` },
    },
    control: { provider: 'acme' },
    candidates: [{ name: 'mini', provider: 'acme', model: 'mini-1' }],
    compare: { judge: { provider: 'court', model: 'wise-1', limits: { concurrency: 16 } } },
    // Latencies need hundreds of pairs before they say anything, and are not the subject.
    gates: { minDays: 0, ttftP50: { blocking: false }, ttftP95: { blocking: false }, cost: { blocking: false } },
    ops: false,
    report: { listen: '127.0.0.1:0' },
  })
  const running = await startStages(['replay', 'compare', 'record', 'report'], config, silentLogger)
  t.after(() => running.stop())
  const report = running.urls['report']!

  const lines = Array.from({ length: count }, (_, at) => ({
    timestamp: new Date(Date.now() - (count - at) * 60_000).toISOString(),
    request: { model: 'large-1', messages: [{ role: 'user', content: `Where is parcel ${at}?` }] },
    response: chatCompletion(servedText, 'large-1'),
  }))
  const taken = await fetch(`${report}/v1/exchanges`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  })
  equal(taken.status, 202, await taken.clone().text())

  const ask = async (sql: string): Promise<unknown> =>
    (await fetch(`${running.urls['store']}/?default_format=JSONEachRow`, { method: 'POST', body: sql })).json()
  await until('every exchange is compared', 90_000, async () => {
    const { n } = (await ask('SELECT toUInt32(count()) AS n FROM comparisons_unique')) as { n: number }
    return n >= 2 * count
  })

  const answer = await fetch(`${report}/api/v1/candidates/mini/verdict?asOf=end`)
  const verdict = Verdict.parse(await answer.json())
  deepEqual([verdict.verdict, verdict.decidingGate], ['no_go', 'quality'], verdict.sentence)
  deepEqual([verdict.means.quality, verdict.means.controlQuality], [0, 1])
  const { judging } = verdict
  deepEqual([judging!.pairs, judging!.decided, judging!.consistency, judging!.counts], [count, count, 1, true])
  equal(court.asked.length, 4 * count)
  ok(!verdict.caveats.some((caveat) => caveat.includes('no judge')))

  const judged = await ask(
    `SELECT toUInt32(count()) AS n, min(ladder_quality) AS ladder, max(quality) AS quality
     FROM comparisons_unique WHERE arm = 'mini' AND decided_by = 'judge'`,
  )
  deepEqual(judged, { n: count, ladder: 1, quality: 0 })

  const page = await (await fetch(`${report}/report`)).text()
  match(page, /<h3>Judge<\/h3>/)
})
