import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { stringify } from 'yaml'
import { type GoldenRun } from '../../../../services/cli/golden/result.ts'
import { exchangeBodyRow, exchangeRow } from '../../../../services/record/rows.ts'
import { type GoldenSet } from '../../../../shared/contracts/golden.ts'
import { openEmbedded } from '../../../../shared/store/embedded.ts'
import { migrate } from '../../../../shared/store/migrations.ts'
import { understudy } from '../../../support/understudy.ts'
import { anAnswer, anExchange } from '../../record/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-golden-'))
const configFile = join(folder, 'understudy.yaml')
type Asked = { model: string; question: string }
const asked: Asked[] = []

/** Says what was served, but for the candidate, which is wrong where the number ends in 3. */
const provider = createServer((request, response) => {
  void (async () => {
    const body = (await json(request)) as { model: string; messages: { content: string }[] }
    const question = body.messages.at(-1)!.content
    asked.push({ model: body.model, question })
    const number = Number(/\d+/.exec(question)![0])
    const price = body.model === 'small-1' && number % 10 === 3 ? number + 1 : number
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        id: 'a',
        object: 'chat.completion',
        model: body.model,
        choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: `It costs ${price} €.` } }],
        usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
      }),
    )
  })()
})

before(async () => {
  await new Promise<void>((done) => provider.listen(0, '127.0.0.1', done))
  const baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`
  writeFileSync(
    configFile,
    stringify({
      tap: { upstreams: { openai: { dialect: 'openai', baseUrl } }, ops: false },
      log: { embedded: './log.db' },
      store: { embedded: './store', listen: '127.0.0.1:1' },
      providers: { openai: { dialect: 'openai', baseUrl: `${baseUrl}/v1`, privateNetwork: true } },
      control: { provider: 'openai' },
      candidates: [
        { name: 'subtle', provider: 'openai', model: 'small-1' },
        { name: 'poor', provider: 'openai', model: 'gpt-4o-mini', budgetUsdPerDay: 0.0000001 },
      ],
    }),
  )
  const exchanges = Array.from({ length: 20 }, (_, number) => {
    const exchange = anExchange(`cli-${number}`)
    const messages = [{ role: 'user', content: `What does item ${number} cost?` }]
    exchange.request = { ...exchange.request, model: 'large-1', streamed: false }
    exchange.request.body.data = JSON.stringify({ model: 'large-1', messages })
    exchange.served.answer = anAnswer({ text: `It costs ${number} €.`, model: 'large-1' })
    return exchange
  })
  const store = await openEmbedded(join(folder, 'store'), 'embedded')
  await migrate(store)
  await store.insert('exchanges', exchanges.map(exchangeRow))
  await store.insert('exchange_bodies', exchanges.map(exchangeBodyRow))
  await store.close()
})
after(() => {
  provider.close()
  rmSync(folder, { recursive: true, force: true })
})

const run = async (...args: string[]) => {
  const finished = await understudy('golden', ...args, '--config', configFile)
  const json = (): unknown => JSON.parse(finished.stdout)
  return { ...finished, json, set: () => json() as GoldenSet, run: () => json() as GoldenRun }
}

test('a set is frozen, asked about, signed off once, and given ground truth', async () => {
  const frozen = await run('freeze', 'release', '--size', '20', '--seed', '4', '--json')
  equal(frozen.code, 0, frozen.stderr)
  const set = frozen.set()
  deepEqual([set.items, set.holdout], [20, 6])

  const dev = await run('run', 'release', '--candidate', 'subtle', '--json')
  equal(dev.code, 4, dev.stderr)
  const first = dev.run()
  deepEqual([first.items.length, first.split, first.verdict.reason], [14, 'dev', 'too_few_units'])
  // Control and candidate, once each, and nothing of the hold-out.
  equal(asked.length, 28)
  deepEqual(new Set(asked.map(({ model }) => model)), new Set(['large-1', 'small-1']))
  for (const item of first.items) equal(item.against, 'served')
  ok(first.verdict.caveats.some((caveat) => caveat.includes('only the hold-out, once')))

  const questions = new Set(asked.map(({ question }) => question))
  asked.length = 0
  const signed = await run('run', 'release', '--candidate', 'subtle', '--sign-off', '--format', 'csv')
  equal(signed.code, 4, signed.stderr)
  const rows = parse<Record<string, string>>(signed.stdout, { columns: true })
  equal(rows.length, 6)
  ok(asked.every(({ question }) => !questions.has(question)))

  // The second opening for the same settings is the same one.
  await run('run', 'release', '--candidate', 'subtle', '--sign-off')
  const listed = ((await run('list', '--json')).json() as { sets: GoldenSet[] }).sets
  equal(listed[0]!.openings.length, 1)
  equal(listed[0]!.openings[0]!.candidate, 'subtle')
  const audit = JSON.parse((await understudy('audit', '--config', configFile, '--json', '--since', '1d')).stdout) as {
    action: string
  }[]
  equal(audit.filter(({ action }) => action === 'holdout_opened').length, 1)
  const later = (await run('run', 'release', '--candidate', 'subtle', '--json')).run()
  ok(later.verdict.caveats.some((caveat) => /its hold-out was opened to sign off subtle/.test(caveat)))

  const file = join(folder, 'truth.csv')
  const exported = await run('export', 'release', '--format', 'csv', '-o', file)
  equal(exported.code, 0, exported.stderr)
  const cells = parse<Record<string, string>>(readFileSync(file), { columns: true })
  equal(cells.length, 14)
  // People find that the first item costs something else than was served.
  writeFileSync(file, `id,groundTruth\n${cells[0]!['id']},It costs 999 €.\n`)
  const imported = await run('import', 'release', file, '--by', 'ben', '--json')
  equal(imported.code, 0, imported.stderr)
  deepEqual([imported.set().setVersion, imported.set().withGroundTruth], [2, 1])

  const held = (await run('run', 'release', '--candidate', 'subtle', '--json')).run()
  const item = held.items.find(({ id }) => id === cells[0]!['id'])!
  equal(item.against, 'ground truth')
  ok(item.quality! < 0.5 && item.controlQuality! < 0.5 && item.servedQuality! < 0.5)
  const shown = await run('show', 'release')
  equal(shown.code, 0, shown.stderr)
  match(shown.stdout, /every item that is there is what the address says/)
  match(shown.stdout, /hold-out was opened to sign off subtle/)
})

test('a budget holds here, too: what goes beyond it is not asked, and says so', async () => {
  asked.length = 0
  const poor = await run('run', 'release', '--candidate', 'poor', '--json')
  equal(poor.code, 4, poor.stderr)
  const { items, verdict } = poor.run()
  const refused = items.filter(({ reason }) => reason === 'not_asked:budget_reached')
  const calls = asked.filter(({ model }) => model === 'gpt-4o-mini')
  ok(refused.length >= 10, `${refused.length} refused`)
  equal(refused.length + calls.length, items.length)
  equal(verdict.comparisons.notComparable, refused.length)
})

test('what is wrong is told with its cure', async () => {
  for (const [args, told] of [
    [['run', 'relaese', '--candidate', 'subtle'], /there is no golden set "relaese": choose from release/],
    [['run', 'release', '--candidate', 'nobody'], /there is no candidate "nobody"/],
    [['freeze', 'Not good'], /is no name/],
    [['freeze', 'x', '--by', 'colour'], /--by: /],
    [['show', 'release', '--set-version', '9'], /has no version 9: choose from 2, 1/],
  ] as const) {
    const { code, stderr } = await run(...args)
    equal(code, 2, stderr)
    match(stderr, told)
  }
})
