import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startReport } from '../../../../services/report/main.ts'
import { armsOf } from '../../../../shared/config/arms.ts'
import { loadConfig } from '../../../../shared/config/load.ts'
import { type Config } from '../../../../shared/config/schema.ts'
import { Verdict } from '../../../../shared/contracts/verdict.ts'
import { WaiverKept, WaiverPreview } from '../../../../shared/contracts/waiver-preview.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'
import { comparisonRow } from '../../../support/comparison-rows.ts'
import { migratedStore } from '../../../support/migrated-store.ts'
import { aPairRow } from '../../../support/pair-rows.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-waivers-'))
const waiversFile = join(folder, 'waivers.yaml')
const yaml = `
tap: { upstreams: { openai: { dialect: openai, baseUrl: 'http://127.0.0.1:1' } } }
providers: { openai: { dialect: openai, baseUrl: 'http://127.0.0.1:1/v1' } }
control: { provider: openai }
candidates: [{ name: subtle, provider: openai, model: small-1 }]
report: { listen: '127.0.0.1:0' }
`
writeFileSync(join(folder, 'plain.yaml'), yaml)
writeFileSync(join(folder, 'filed.yaml'), `${yaml}waiversFile: ./waivers.yaml\n`)
writeFileSync(
  waiversFile,
  '# Agreed on Mondays.\nwaivers:\n  - { rung: text, pattern: hello, reason: polite, author: ana, expires: 2999-01-31 }\n',
)
const [plain, filed] = ['plain.yaml', 'filed.yaml'].map((name) => loadConfig(join(folder, name), {}))
const [control, subtle] = armsOf(plain!)
const store = await migratedStore()
const none = () => Promise.reject(new Error('nobody asks for it here'))
const reports: Awaited<ReturnType<typeof startReport>>[] = []

before(async () => {
  const differences = [
    [{ rung: 'json', path: '/items/0/id', message: 'value differs', served: '1', arm: '2' }],
    [
      { rung: 'json', path: '/items/1/id', message: 'value differs', served: '1', arm: '2' },
      { rung: 'json', path: '/total', message: 'value differs', served: '9', arm: '8' },
    ],
    [{ rung: 'facts', path: null, message: 'a number is missing', served: '42', arm: null }],
  ]
  const rowOf = (number: number, arm: string, armFingerprint: string, found: object[] | undefined) => ({
    ...comparisonRow(
      aPairRow(number, {
        armFingerprint,
        outcome: found === undefined ? 'equivalent' : 'different',
        route: number < 8 ? 'support' : 'invoice',
      }),
      arm,
    ),
    differences: JSON.stringify(found ?? []),
  })
  await store.insert(
    'comparisons',
    Array.from({ length: 12 }, (_, number) => rowOf(number, 'subtle', subtle!.fingerprint, differences[number % 4])),
  )
  await store.insert('comparisons', [rowOf(20, 'control', control!.fingerprint, differences[0])])
  for (const config of [plain!, filed!]) {
    reports.push(
      await startReport({
        config: config satisfies Config,
        store,
        logger,
        intake: { take: none },
        arms: { list: none, setPaused: none },
      }),
    )
  }
})
after(async () => {
  for (const report of reports) await report.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function post(which: 0 | 1, path: string, body: object) {
  const response = await fetch(`${reports[which]!.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as { error: { message: string } } }
}
const preview = async (rule: object) =>
  WaiverPreview.parse((await post(0, '/api/v1/waivers/preview', { candidate: 'subtle', rule })).body)

test('a preview counts the pairs that it covers, those that nothing else speaks against, and the control’s', async () => {
  const { compared, different, pairs, waivedPairs, share, controlPairs, covers, examples } = await preview({
    rung: 'json',
    path: '/items/*/id',
  })
  deepEqual(
    { compared, different, pairs, waivedPairs, share, controlPairs },
    { compared: 12, different: 9, pairs: 6, waivedPairs: 3, share: 0.25, controlPairs: 1 },
  )
  equal(covers, 'json /items/*/id')
  const both = examples.find(({ others }) => others === 1)!
  deepEqual(
    both.differences.map(({ path }) => path),
    ['/items/1/id'],
  )
  equal(both.quality, 1)
})

test('a rule for one route, or for another arm, covers only that', async () => {
  equal((await preview({ path: '/items/*/id', route: 'invoice' })).pairs, 2)
  const ofControl = await preview({ path: '/items/*/id', arm: 'control' })
  deepEqual([ofControl.pairs, ofControl.controlPairs], [0, 1])
})

test('a rule that is none is told with its cure', async () => {
  for (const [rule, told] of [
    [{}, /would waive every difference/],
    [{ pattern: '(' }, /no regular expression/],
    [{ rung: 'jsn' }, /rule.rung: /],
  ] as const) {
    const { status, body } = await post(0, '/api/v1/waivers/preview', { candidate: 'subtle', rule })
    equal(status, 400)
    match(body.error.message, told)
  }
})

const waiver = {
  rule: { rung: 'json', path: '/items/*/id', arm: 'subtle' },
  reason: 'ids are made up',
  author: 'ben',
  expires: '2999-03-31',
}

test('where the config names no file, the waiver comes back as YAML to paste', async () => {
  const { status, body } = await post(0, '/api/v1/waivers', waiver)
  equal(status, 200)
  const { keptIn, yaml: text, next } = WaiverKept.parse(body)
  equal(keptIn, null)
  match(next, /paste it under waivers/)
  writeFileSync(join(folder, 'pasted.yaml'), `${yaml}waivers:\n${text.replaceAll(/^(?=.)/gm, '  ')}`)
  deepEqual(loadConfig(join(folder, 'pasted.yaml'), {}).waivers, [
    { ...waiver.rule, reason: 'ids are made up', author: 'ben', expires: '2999-03-31' },
  ])
})

test('where it names one, the waiver is added to it, what stood there stays, and the config reads it', async () => {
  const { status, body } = await post(1, '/api/v1/waivers', waiver)
  equal(status, 201)
  equal(WaiverKept.parse(body).keptIn, 'waivers.yaml')
  match(readFileSync(waiversFile, 'utf8'), /# Agreed on Mondays\./)
  deepEqual(
    loadConfig(join(folder, 'filed.yaml'), {}).waivers.map(({ author }) => author),
    ['ana', 'ben'],
  )
  const again = await post(1, '/api/v1/waivers', waiver)
  ok(again.status >= 400)
  match(again.body.error.message, /covers the same as waivers\[1\]/)
  equal(loadConfig(join(folder, 'filed.yaml'), {}).waivers.length, 2)
})

test('the verdict knows a waiver from when it is kept, without a restart', async () => {
  const answer = await fetch(`${reports[1]!.url}/api/v1/candidates/subtle/verdict?asOf=end`)
  const { scoring } = Verdict.parse(await answer.json())
  deepEqual(
    scoring!.waived.waivers.map(({ author, covers }) => [author, covers]),
    [
      ['ana', 'text /hello/'],
      ['ben', 'json /items/*/id, arm subtle'],
    ],
  )
})

test('a waiver that no config would take is not kept', async () => {
  for (const [change, told] of [
    [{ expires: '2020-01-01' }, /expires 2020-01-01 is over/],
    [{ rule: { rung: 'json', arm: 'sutble' } }, /sutble/],
    [{ rule: {} }, /would waive every difference/],
    [{ reason: ' ' }, /reason: /],
    [{ rule: { path: 'items' } }, /JSON pointer/],
  ] as const) {
    const { status, body } = await post(1, '/api/v1/waivers', { ...waiver, ...change })
    equal(status, 400, JSON.stringify(change))
    match(body.error.message, told)
  }
  equal(loadConfig(join(folder, 'filed.yaml'), {}).waivers.length, 2)
})
