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
import { type Exchange } from '../../../../shared/contracts/exchange.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'
import { type Store } from '../../../../shared/store/store.ts'
import { aComparison, aMeasure, anAnswer, anExchange, anObservation, exchangeIdOf } from '../../record/samples.ts'

const tokens = { ada: 'admin', rex: 'reviewer', vic: 'viewer' } as const
export type Holder = keyof typeof tokens
export const tokenOf = (name: Holder) => `${name}-${'t'.repeat(40)}`

/** Answers that would run if they were ever read as markup, and texts that are hard to lay out. */
export const payloads = [
  '<script>window.owned = 1</script>',
  '<img src=x onerror="window.owned = 1">',
  '"><svg onload="window.owned = 1">',
  '[click](javascript:window.owned=1)',
  '{{constructor.constructor("window.owned = 1")()}}',
]
export const strange = {
  rightToLeft: 'السعر ٥٠ دينارًا فقط',
  wide: '配送には三日かかります。',
  reordered: 'safe\u202Etxt.exe',
}

const config = (access: object) =>
  Config.parse({
    tap: { listen: '127.0.0.1:8787', upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
    providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
    control: { provider: 'openai' },
    candidates: [
      { name: 'small', provider: 'openai', model: 'small-1' },
      { name: 'tiny', provider: 'openai', model: 'tiny-1' },
    ],
    gates: { minDays: 0 },
    report: { listen: '127.0.0.1:0', ...access },
  })

const fingerprints = new Map(armsOf(config({})).map(({ name, fingerprint }) => [name, fingerprint]))
const unused = () => Promise.reject(new Error('not looked at here'))
const context = { logger, intake: { take: unused }, arms: { list: unused, setPaused: unused } }

/** The report over `store`: open to this machine, or with tokens for three people. */
export async function startDashboard(store: Store, who: 'this machine' | 'tokens' = 'this machine') {
  for (const name of Object.keys(tokens) as Holder[]) process.env[`TEST_WEB_${name}`] = tokenOf(name)
  const access =
    who === 'this machine'
      ? {}
      : {
          access: {
            bodies: 'reviewer',
            tokens: Object.entries(tokens).map(([name, role]) => ({ name, role, fromEnv: `TEST_WEB_${name}` })),
          },
        }
  return await startReport({ ...context, store, config: config(access) })
}

const hourMs = 3_600_000

const startedAtMs = Date.now()

/** When the number-th exchange was captured: up to number 320 so long ago that its conversation is closed. */
const timeOf = (number: number) => new Date(startedAtMs - 4 * hourMs - (300 - number) * 600_000).toISOString()

/** Comparisons `from` to `to` of both candidates: small is wrong on every fifth, tiny never. */
export async function seedComparisons(store: Store, from: number, to: number): Promise<void> {
  const rows = Array.from({ length: to - from }, (_, index) => from + index).flatMap((number) => [
    comparisonOf(number, 'small', number % 5 === 0),
    comparisonOf(number, 'tiny', false),
  ])
  await store.insert('comparisons', rows)
}

function comparisonOf(number: number, arm: string, isWrong: boolean): object {
  const changes: Partial<Comparison> = {
    armFingerprint: fingerprints.get(arm)!,
    controlFingerprint: fingerprints.get('control')!,
    capturedAt: timeOf(number),
    route: number % 3 === 0 ? 'invoice' : 'support',
    task: number % 3 === 0 ? 'json' : 'text',
    outcome: isWrong ? 'different' : 'equivalent',
    decidedBy: isWrong ? (number % 3 === 0 ? 'json' : 'facts') : 'text',
    judge: null,
    controlJudge: null,
    measured: aMeasure({
      quality: isWrong ? 0 : 1,
      divergence: isWrong ? 0.6 : 0.1,
      totalMs: 800 + (number % 50),
      costUsd: 0.001,
    }),
    control: aMeasure({ quality: 1, divergence: 0.1, totalMs: 790 + (number % 70), costUsd: 0.002 }),
    found: {
      finding: isWrong ? 'harmful' : 'same',
      kinds: isWrong ? ['facts:amount'] : [],
      paths: isWrong ? ['/total'] : [],
      label: null,
    },
    scores: number % 3 === 0 ? { json_fields: isWrong ? 0.5 : 1 } : {},
    controlFound: {
      finding: 'same',
      kinds: [],
      paths: [],
      label: null,
      decidedBy: 'text',
      scores: number % 3 === 0 ? { json_fields: 1 } : {},
    },
    differences: isWrong
      ? [{ rung: 'json', path: '/total', message: 'value differs', served: '12.5', arm: '125' }]
      : [],
    servedExcerpt: number === 0 ? payloads[0]! : `served number ${number}`,
    armExcerpt: number === 0 ? payloads[1]! : isWrong ? `wrong number ${number}` : `right number ${number}`,
    waived: [],
  }
  return comparisonRow(aComparison(`e${number}`, arm, changes))
}

export const exchangeId = (number: number) => exchangeIdOf(`e${number}`)

/** What is kept of an exchange: its texts; bytes that are no text; or numbers alone, as after an erasure or retention. */
type Kept = 'texts' | 'bytes' | 'numbers'

/** Everything of exchange `number`: request, served answer, control and small, with texts that must stay texts. */
export async function seedExchange(
  store: Store,
  number: number,
  served = payloads.join('\n'),
  candidate = `${payloads.join('\n')} changed`,
  kept: Kept = 'texts',
): Promise<void> {
  const name = `e${number}`
  const capturedAt = timeOf(number)
  const said = `${payloads[2]}\n${Object.values(strange).join('\n')}`
  const body = JSON.stringify({ model: 'large-1', messages: [{ role: 'user', content: said }] })
  const base = anExchange(name)
  const exchange = anExchange(name, {
    capturedAt,
    route: number % 3 === 0 ? 'invoice' : 'support',
    request: {
      ...base.request,
      body: bodyOf(kept, body),
    },
    served: {
      ...base.served,
      answer: kept === 'bytes' ? null : anAnswer({ text: served }),
      body: bodyOf(kept, served),
    },
  })
  const observations = (['control', 'small'] as const).map((arm) =>
    anObservation(name, arm, {
      armFingerprint: fingerprints.get(arm)!,
      provider: 'openai',
      model: arm === 'control' ? 'large-1' : 'small-1',
      dialect: 'openai-chat',
      answer: anAnswer({ text: arm === 'control' ? served : candidate }),
      losses: [],
    }),
  )
  await store.insert('exchanges', [exchangeRow(exchange)])
  if (kept !== 'numbers') await store.insert('exchange_bodies', [exchangeBodyRow(exchange)])
  const rows = observations.map((observation) => ({ observation, exchange }))
  await store.insert(
    'observations',
    rows.map(({ observation }) => observationRow(observation, exchange)),
  )
  if (kept === 'numbers') return
  await store.insert(
    'observation_bodies',
    rows.map(({ observation }) => observationBodyRow(observation, exchange)),
  )
}

function bodyOf(kept: Kept, text: string): Exchange['request']['body'] {
  const [encoding, data] =
    kept === 'bytes'
      ? (['base64', Buffer.from([0, 255, 254, 1]).toString('base64')] as const)
      : (['utf8', text] as const)
  return { encoding, data, sizeBytes: data.length, sha256: 'ab', truncated: false }
}
