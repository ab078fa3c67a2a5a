import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  comparisonRow,
  exchangeBodyRow,
  exchangeRow,
  observationBodyRow,
  observationRow,
} from '../../../../services/record/rows.ts'
import { startReport } from '../../../../services/report/main.ts'
import { armsOf } from '../../../../shared/config/arms.ts'
import { Config } from '../../../../shared/config/schema.ts'
import { type Comparison } from '../../../../shared/contracts/comparison.ts'
import { ComparisonPage, ComparisonTexts } from '../../../../shared/contracts/comparison-page.ts'
import { type Exchange } from '../../../../shared/contracts/exchange.ts'
import { ExchangeView } from '../../../../shared/contracts/exchange-view.ts'
import { UnderstudyError } from '../../../../shared/errors.ts'
import { openKeyring } from '../../../../shared/encryption/keyring.ts'
import { sealedStore } from '../../../../shared/encryption/sealed-store.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'
import { type Store } from '../../../../shared/store/store.ts'
import { aComparison, aMeasure, anAnswer, anExchange, anObservation, exchangeIdOf } from '../../record/samples.ts'
import { migratedStore } from '../../../support/migrated-store.ts'

const config = Config.parse({
  tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
  providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
  control: { provider: 'openai' },
  candidates: [
    { name: 'sonnet', provider: 'openai', model: 'small-1' },
    { name: 'haiku', provider: 'openai', model: 'small-2' },
  ],
  report: {
    listen: '127.0.0.1:0',
    access: { anyone: 'viewer', tokens: [{ name: 'ana', fromEnv: 'TEST_QUESTIONS_ANA', role: 'reviewer' }] },
  },
})
const fingerprintOf = (arm: string) => armsOf(config).find(({ name }) => name === arm)!.fingerprint
const store = await migratedStore()
const unused = () => Promise.reject(new Error('not looked at here'))
const token = 'a'.repeat(32)
const asAna = { authorization: `Bearer ${token}` }
const many = 130
const startMs = Date.parse('2026-11-20T00:00:00.000Z')
const minuteMs = 60_000
const timeOf = (number: number) => new Date(startMs + number * 10 * minuteMs).toISOString()

let report: Awaited<ReturnType<typeof startReport>>

function comparisonOf(name: string, arm: string, changes: Partial<Comparison>): object {
  return comparisonRow(aComparison(name, arm, { armFingerprint: fingerprintOf(arm), ...changes }))
}

/** The number n-th of sonnet: each number is worse than the one before, two of three are of the route support. */
function numbered(n: number): object {
  return comparisonOf(`n${n}`, 'sonnet', {
    capturedAt: timeOf(n),
    route: n % 3 === 0 ? 'invoice' : 'support',
    outcome: n % 2 === 0 ? 'different' : 'equivalent',
    decidedBy: n % 5 === 0 ? 'json' : 'text',
    found: { finding: n % 2 === 0 ? 'harmful' : 'same', kinds: [], paths: n % 10 === 0 ? ['/total'] : [], label: null },
    measured: aMeasure({ quality: 1 - n / 1_000, divergence: n / 1_000, totalMs: 1_000 + (n % 7), costUsd: n % 4 }),
    servedExcerpt: `Die Nummer ${n} für Jürgen "hier"`,
    armExcerpt: n === 17 ? 'a needle in the hay' : 'hay',
    differences: [],
  })
}

before(async () => {
  process.env['TEST_QUESTIONS_ANA'] = token
  const rows = Array.from({ length: many }, (_, n) => numbered(n))
  await store.insert('comparisons', rows)
  // The same rows once more, one of them compared again with another outcome, and one of other settings.
  await store.insert('comparisons', rows.slice(0, 20))
  await store.insert('comparisons', [
    {
      ...numbered(40),
      outcome: 'equivalent',
      route: 'again',
      compared_at: '2026-12-01T00:00:00.000Z',
    },
    comparisonOf('old', 'sonnet', { armFingerprint: 'older', capturedAt: timeOf(5) }),
    comparisonOf('of-haiku', 'haiku', { capturedAt: timeOf(6) }),
    comparisonOf('none', 'sonnet', {
      capturedAt: timeOf(many),
      outcome: 'not_comparable',
      reason: 'not_asked:budget_reached',
      measured: null,
      control: null,
    }),
  ])
  await store.insert('exchange_bodies', [
    exchangeBodyRow(
      anExchange('n33', {
        capturedAt: timeOf(33),
        request: {
          ...anExchange().request,
          body: aBody(JSON.stringify({ content: 'only in the Prompt of J\u00fcrgen' })),
        },
      }),
    ),
  ])
  report = await startReport({
    config,
    store,
    logger,
    intake: { take: unused },
    arms: { list: unused, setPaused: unused },
  })
})
after(() => report.stop())

function aBody(data: string | null): Exchange['request']['body'] {
  return { encoding: 'utf8', data, sizeBytes: data?.length ?? 9, sha256: 'ab', truncated: false }
}

async function get(path: string, headers: Record<string, string> = asAna) {
  const response = await fetch(`${report.url}${path}`, { headers })
  return { status: response.status, body: (await response.json()) as { error: { code: string; message: string } } }
}
const parameters = (of: Record<string, string | number>) =>
  new URLSearchParams(Object.entries(of).map(([name, value]): [string, string] => [name, String(value)])).toString()
async function page(of: Record<string, string | number>, headers?: Record<string, string>): Promise<ComparisonPage> {
  const { status, body } = await get(`/api/v1/comparisons?${parameters(of)}`, headers)
  equal(status, 200, JSON.stringify(body))
  return ComparisonPage.parse(body)
}
async function all(of: Record<string, string | number>): Promise<ComparisonPage['comparisons']> {
  const found: ComparisonPage['comparisons'] = []
  for (let cursor = ''; ;) {
    const { comparisons, next } = await page({ ...of, ...(cursor && { cursor }) })
    found.push(...comparisons)
    if (next === null) return found
    cursor = next
  }
}
const numberOf = ({ servedExcerpt }: { servedExcerpt: string | null }) =>
  Number(/\d+/.exec(servedExcerpt ?? '')?.[0] ?? -1)
const numbers = async (of: Record<string, string | number>) => (await all(of)).map(numberOf)
const range = (length: number) => Array.from({ length }, (_, n) => n)

for (const limit of [1, 2, 3, 50, 200]) {
  test(`pages of ${limit} are the whole list in its order, each row once, whatever came twice or was compared again`, async () => {
    const of = { candidate: 'sonnet', limit }
    if (limit > 3) {
      const shown = range(many).filter((n) => n !== 40)
      deepEqual(
        (await numbers({ ...of, outcome: 'equivalent', sort: 'oldest' })).toSorted((a, b) => a - b),
        [...shown.filter((n) => n % 2 === 1), 40].toSorted((a, b) => a - b),
      )
      deepEqual(await numbers({ ...of, sort: 'oldest' }), [...range(many), 5])
    }
    // Both versions of number 40 are among these: no page may end between them.
    const some = { ...of, from: timeOf(35), to: timeOf(46), q: 'für jürgen' }
    deepEqual(
      await numbers({ ...of, from: timeOf(35), to: timeOf(46) }),
      range(11).map((n) => 45 - n),
    )
    if (limit > 1)
      deepEqual(
        await numbers({ ...some, sort: 'oldest' }),
        range(11).map((n) => 35 + n),
      )
  })
}

test('each order is what it says, with the newest first among equals and what was not measured last', async () => {
  const of = { candidate: 'sonnet', limit: 60 }
  const values = async (sort: string, value: (line: ComparisonPage['comparisons'][number]) => number | null) => {
    const lines = await all({ ...of, sort })
    equal(lines.length, many + 1)
    equal(lines.at(-1)!.outcome, 'not_comparable', sort)
    const seen = lines.map((line) => [value(line) ?? -9, Date.parse(line.capturedAt)] as const)
    deepEqual(
      seen,
      seen.toSorted(([a, at], [b, bt]) => b - a || bt - at),
      sort,
    )
  }
  await values('worst', ({ quality, controlQuality }) => quality && (controlQuality ?? 1) - quality)
  await values('divergence', ({ divergence }) => divergence)
  await values('slowest', ({ totalMs }) => totalMs)
  await values('dearest', ({ costUsd }) => costUsd)
})

test('filters are all held, and no others than the current settings are listed', async () => {
  const of = { candidate: 'sonnet', limit: 200 }
  deepEqual(await numbers({ ...of, route: 'invoice', outcome: 'different', decidedBy: 'json' }), [120, 90, 60, 30, 0])
  deepEqual(await numbers({ ...of, path: '/total', minDivergence: 0.1 }), [120, 110, 100])
  deepEqual(await numbers({ ...of, finding: 'harmful', from: timeOf(120), to: timeOf(124) }), [122, 120])
  deepEqual(await numbers({ ...of, route: 'again' }), [40])
  equal((await all({ limit: 200 })).length, many + 2)
  deepEqual(
    (await all({ candidate: 'haiku' })).map(({ candidate }) => candidate),
    ['haiku'],
  )
})

test('beginnings of answers can be asked for by themselves, line by line, by whoever may read them', async () => {
  const of = { candidate: 'sonnet', limit: 60 }
  const whole = await page(of)
  const bare = await page({ ...of, texts: 'false' })
  deepEqual(
    bare.comparisons,
    whole.comparisons.map((line) => ({ ...line, servedExcerpt: null, armExcerpt: null })),
  )
  equal(bare.next, whole.next, 'a page goes on with texts where it was begun without')

  const keys = (lines: ComparisonPage['comparisons']) =>
    lines.map(({ comparisonId, capturedAt }) => `${comparisonId}@${capturedAt}`).join(',')
  const textsOf = (lines: string, headers: Record<string, string> = asAna) =>
    fetch(`${report.url}/api/v1/comparisons/texts?lines=${encodeURIComponent(lines)}`, { headers })
  const some = whole.comparisons.slice(7, 40)
  const { texts } = ComparisonTexts.parse(await (await textsOf(keys(some))).json())
  const byId = new Map(texts.map((text) => [text.comparisonId, text]))
  equal(texts.length, some.length)
  for (const { comparisonId, servedExcerpt, armExcerpt } of some)
    deepEqual(byId.get(comparisonId), { comparisonId, servedExcerpt, armExcerpt })

  equal((await textsOf(keys(some), {})).status, 403)
  for (const lines of ['', 'nonsense', `${some[0]!.comparisonId}@yesterday`, keys([...whole.comparisons, ...some])])
    equal((await textsOf(lines)).status, 400, lines.slice(0, 60))
  const unknown = `${exchangeIdOf('never')}@${some[0]!.capturedAt}`
  deepEqual(await (await textsOf(unknown)).json(), { version: 1, texts: [] })
})

test('a search finds what was asked, answered or said to differ, however it is written, and an id its exchange', async () => {
  const of = { candidate: 'sonnet', limit: 60 }
  for (const sort of ['newest', 'oldest', 'worst']) {
    deepEqual(await numbers({ ...of, sort, q: 'NEEDLE' }), [17])
    deepEqual(await numbers({ ...of, sort, q: 'only in the prompt' }), [33])
    deepEqual(await numbers({ ...of, sort, q: 'nowhere at all' }), [])
    equal((await numbers({ ...of, sort, q: 'für jürgen "hier"' })).length, many)
  }
  deepEqual(await numbers({ ...of, q: exchangeIdOf('n12') }), [12])
})

test('a question that cannot be read is refused with what would do', async () => {
  const { next } = await page({ candidate: 'sonnet', limit: 5 })
  const cases: [Record<string, string>, number, RegExp][] = [
    [{ sort: 'best' }, 400, /"sort" takes newest, oldest, worst/],
    [{ limit: '0' }, 400, /"limit" takes a whole number from 1 to 200/],
    [{ limit: '201' }, 400, /limit/],
    [{ outcome: 'fine' }, 400, /equivalent, different/],
    [{ minDivergence: '2' }, 400, /from 0 to 1/],
    [{ from: 'soon' }, 400, /"from" takes 7d/],
    [{ sorted: 'worst' }, 400, /there is no parameter "sorted"/],
    [{ q: 'x' }, 400, /"q" takes 2 to 200 characters/],
    [{ cursor: 'nonsense' }, 400, /"cursor" cannot be read/],
    [{ cursor: next!, candidate: 'sonnet', sort: 'worst' }, 400, /"cursor" is of another question/],
    [{ cursor: next!, candidate: 'haiku' }, 400, /another question/],
    [{ candidate: 'nobody' }, 404, /choose from sonnet, haiku/],
  ]
  for (const [of, status, message] of cases) {
    const refused = await get(`/api/v1/comparisons?${parameters(of)}`)
    equal(refused.status, status, JSON.stringify(of))
    match(refused.body.error.message, message)
  }
  equal((await page({ candidate: 'sonnet', route: '', limit: 5 })).comparisons.length, 5)
})

test('whoever may not read texts gets lines without them, and searches no texts', async () => {
  const shown = await page({ candidate: 'sonnet', limit: 2 })
  const hidden = await page({ candidate: 'sonnet', limit: 2 }, {})
  ok(shown.comparisons.every(({ armExcerpt }) => armExcerpt !== null))
  deepEqual(
    hidden.comparisons,
    shown.comparisons.map((line) => ({ ...line, servedExcerpt: null, armExcerpt: null })),
  )
  const refused = await get('/api/v1/comparisons?q=needle', {})
  deepEqual([refused.status, refused.body.error.code], [403, 'FORBIDDEN'])
  equal((await page({ q: exchangeIdOf('n12') }, {})).comparisons.length, 1)
})

test('a store that is away, or takes too long, is told with a code and what to do', async () => {
  const slow = Object.assign(new Error('Code: 159. DB::Exception: Timeout exceeded'), { code: '159' })
  for (const [err, status, code] of [
    [new UnderstudyError('STORE_UNAVAILABLE', 'the store does not answer: start it'), 503, 'STORE_UNAVAILABLE'],
    [new UnderstudyError('STORE_UNAVAILABLE', 'not now', { cause: slow }), 504, 'QUESTION_TOO_SLOW'],
  ] as const) {
    const fails = () => Promise.reject(err)
    const away = { kind: 'reader', query: fails, insert: fails, ping: fails } as const
    const running = await startReport({
      config,
      store: away,
      logger,
      intake: { take: unused },
      arms: { list: unused, setPaused: unused },
    })
    for (const path of ['/api/v1/comparisons', `/api/v1/exchanges/${exchangeIdOf('a')}`]) {
      const response = await fetch(`${running.url}${path}`, { headers: asAna })
      equal(response.status, status, path)
      equal(((await response.json()) as { error: { code: string } }).error.code, code)
    }
    await running.stop()
  }
})

async function record(
  name: string,
  changes: Partial<Exchange>,
  answer = anAnswer(),
  into: Pick<Store, 'insert'> = store,
): Promise<void> {
  const exchange = anExchange(name, { capturedAt: timeOf(500), ...changes })
  const arms = ['haiku', 'sonnet', 'control', 'gone'].map((arm) =>
    anObservation(name, arm, { answer: arm === 'sonnet' ? answer : anAnswer(), costUsd: 0.002 }),
  )
  await into.insert('exchanges', [exchangeRow(exchange)])
  await into.insert('exchange_bodies', [exchangeBodyRow(exchange)])
  await into.insert(
    'observations',
    arms.map((arm) => observationRow(arm, exchange)),
  )
  await into.insert(
    'observation_bodies',
    arms.map((arm) => observationBodyRow(arm, exchange)),
  )
  await into.insert('comparisons', [
    comparisonOf(name, 'sonnet', { capturedAt: timeOf(500), comparedAt: '2026-11-30T00:00:00.000Z' }),
    comparisonOf(name, 'sonnet', { capturedAt: timeOf(500), decidedBy: 'older' }),
  ])
}
async function view(name: string, headers?: Record<string, string>, query = ''): Promise<ExchangeView> {
  const { status, body } = await get(`/api/v1/exchanges/${exchangeIdOf(name)}${query}`, headers)
  equal(status, 200, JSON.stringify(body))
  return ExchangeView.parse(body)
}

test('one exchange is shown with everything that was asked, answered and found of it', async () => {
  const served = anAnswer({ text: '```json\n{"total":5,"lines":[{"id":1}]}\n```' })
  await record(
    'whole',
    {
      request: { ...anExchange().request, body: aBody('{"messages":[]}') },
      served: { ...anExchange().served, answer: served },
    },
    anAnswer({ text: '{"total":6,"lines":[{"id":1},{"id":2}]}' }),
  )

  const seen = await view('whole')
  deepEqual(seen.bodies, { state: 'stored', reason: null })
  deepEqual(seen.request.body, { text: '{"messages":[]}', chars: 15, cut: false })
  equal(seen.served.answer!.text.text, served.text)
  deepEqual(seen.served.chunks, anExchange().served.chunks)
  deepEqual([seen.served.costUsd, seen.served.inputTokens, seen.served.ttftMs], [0.001, 120, 210.5])
  deepEqual(
    seen.arms.map(({ arm, isControl }) => [arm, isControl]),
    [
      ['control', true],
      ['sonnet', false],
      ['haiku', false],
      ['gone', false],
    ],
  )
  const sonnet = seen.arms[1]!
  deepEqual(sonnet.losses, anObservation().losses)
  deepEqual([sonnet.costUsd, sonnet.outputTokens, sonnet.attempts, sonnet.waitedMs], [0.002, 8, 1, 12.5])
  const comparison = sonnet.comparison!
  deepEqual([comparison.decidedBy, comparison.finding, comparison.quality], ['text', 'harmful', 0.9])
  deepEqual(comparison.differences, aComparison().differences)
  equal(comparison.judge!.state, 'inconsistent')
  deepEqual(comparison.deltas.totalMs, 100)
  ok(Math.abs(comparison.deltas.costUsd! - 0.001) < 1e-9)
  deepEqual(comparison.patch, {
    of: 'text',
    operations: [
      { op: 'add', path: '/lines/1', value: { id: 2 } },
      { op: 'replace', path: '/total', value: 6, served: 5 },
    ],
    cut: false,
  })
  deepEqual(
    (await view('whole', asAna, '?candidate=haiku')).arms.map(({ arm }) => arm),
    ['control', 'haiku'],
  )
  equal((await get(`/api/v1/exchanges/${exchangeIdOf('whole')}?candidate=nobody`)).status, 404)
})

test('arguments of tools are held against each other as documents', async () => {
  const calling = (city: string) =>
    anAnswer({ text: '', toolCalls: [{ id: '1', name: 'weather', argumentsText: `{"city":"${city}"}` }] })
  await record('tools', { served: { ...anExchange().served, answer: calling('Graz') } }, calling('Linz'))

  const { patch } = (await view('tools')).arms[1]!.comparison!
  deepEqual(patch, {
    of: 'tools',
    operations: [{ op: 'replace', path: '/0/arguments/city', value: 'Linz', served: 'Graz' }],
    cut: false,
  })
})

test('a text over a million characters is cut, never within a character, and says so', async () => {
  const text = `${'x'.repeat(999_999)}😀 and more`
  await record('huge', { request: { ...anExchange().request, body: aBody(text) } }, anAnswer({ text }))

  const seen = await view('huge')
  for (const shown of [seen.request.body!, seen.arms[1]!.answer!.text]) {
    deepEqual([shown.chars, shown.cut, shown.text.length], [text.length, true, 999_999])
  }
  equal(seen.arms[1]!.comparison!.patch, null)
})

test('bodies that are not there, or not for whoever asks, say why', async () => {
  await record('mine', {})
  const hidden = await view('mine', {})
  equal(hidden.bodies.state, 'hidden')
  match(hidden.bodies.reason!, /report\.access\.bodies/)
  deepEqual([hidden.request.body, hidden.served.answer, hidden.arms[1]!.answer], [null, null, null])
  equal(hidden.arms[1]!.comparison!.armExcerpt, null)
  ok(!JSON.stringify(hidden).includes('Es kostet') && !JSON.stringify(hidden).includes('another number'))
  equal(hidden.arms[1]!.comparison!.quality, 0.9)

  const emptied = { ...anExchange().request, body: aBody(null) }
  await record('metadata', {
    captureMode: 'metadata',
    request: emptied,
    served: { ...anExchange().served, answer: null },
  })
  match((await view('metadata')).bodies.reason!, /tap\.capture\.mode was metadata/)
  equal((await view('metadata')).bodies.state, 'none')

  await store.insert('exchanges', [exchangeRow(anExchange('expired', { capturedAt: timeOf(501) }))])
  const deleted = (await view('expired')).bodies
  equal(deleted.state, 'deleted')
  match(deleted.reason!, /retention\.bodiesDays \(30 days\)/)
})

test('sealed texts are opened where the key is, and where it is not say so in their place', async () => {
  const encryption = { keys: [{ id: 'k1', fromEnv: 'K1' }], active: 'k1' }
  const key = { K1: Buffer.alloc(32, 7).toString('base64') }
  const sealed = sealedStore(store, openKeyring(encryption, key))
  await record('sealed', {}, anAnswer({ text: 'sealed words' }), sealed)
  const sealing = { ...config, store: { ...config.store, encryption } }
  const ask = async (env: Record<string, string>) => {
    const running = await startReport({
      config: sealing,
      store: sealedStore(store, openKeyring(encryption, env)),
      logger,
      intake: { take: unused },
      arms: { list: unused, setPaused: unused },
    })
    const get = async (path: string) => await (await fetch(`${running.url}/api/v1/${path}`, { headers: asAna })).json()
    const view = ExchangeView.parse(await get(`exchanges/${exchangeIdOf('sealed')}`))
    const [line] = ComparisonPage.parse(await get(`comparisons?q=${exchangeIdOf('sealed')}`)).comparisons
    const search = (await get('comparisons?q=words')) as { error: { code: string; message: string } }
    await running.stop()
    return { view, line: line!, search }
  }
  const open = await ask(key)
  deepEqual(open.view.bodies, { state: 'stored', reason: null })
  equal(open.view.arms[1]!.answer!.text.text, 'sealed words')
  equal(open.line.armExcerpt, 'Es kostet 6 €')
  deepEqual([open.search.error.code, /are sealed/.test(open.search.error.message)], ['USAGE', true])

  const { view, line } = await ask({})
  equal(view.bodies.state, 'hidden')
  match(view.bodies.reason!, /^encrypted: key k1 is not configured/)
  deepEqual([view.request.body, view.arms[1]!.answer, line.armExcerpt], [null, null, null])
  equal(view.arms[1]!.bodies.state, 'hidden')
  equal(view.arms[1]!.losses[0]!.parameter, 'seed')
  match(view.arms[1]!.comparison!.differences[0]!.message, /^encrypted: key k1/)
})

test('an exchange that nobody knows is not found, and what is no id is refused', async () => {
  const unknown = await get(`/api/v1/exchanges/${exchangeIdOf('nobody')}`)
  deepEqual([unknown.status, unknown.body.error.code], [404, 'EXCHANGE_UNKNOWN'])
  equal((await get('/api/v1/exchanges/17')).status, 400)
})
