import { deepEqual, equal, ok } from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { importScores } from '../../../services/cli/import/scores/import-scores.ts'
import { versionOfConfig } from '../../../services/compare/config-version.ts'
import { startCompare, startPool } from '../../../services/compare/main.ts'
import { rescore } from '../../../services/compare/rescore/rescore.ts'
import { startRecord } from '../../../services/record/main.ts'
import { type Config, KafkaLog, type WaiverConfig } from '../../../shared/config/schema.ts'
import { type ObservationSet } from '../../../shared/contracts/observation.ts'
import { deterministicUuid } from '../../../shared/ids.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { type TopicLog } from '../../../shared/log/topic-log.ts'
import { silentLogger as logger } from '../../../shared/logger.ts'
import { type Store } from '../../../shared/store/store.ts'
import { kafkaSkipReason, startKafkaBroker } from '../../support/kafka-broker.ts'
import { migratedStore } from '../../support/migrated-store.ts'
import { until } from '../../support/understudy.ts'
import { aControl, anAnswer, anObservation, aSet } from './builders.ts'
import { aConfig, badText, fair, fourDollarsEach, goodText, pretendJudge, servedText } from './judge/pretend-judge.ts'

const skip = await kafkaSkipReason()

type Texts = { served: string; control: string; candidate: string }
const toBeJudged: Texts = { served: servedText, control: goodText, candidate: badText }
const documents: Texts = { served: '{"id":1,"n":1}', control: '{"id":1,"n":1}', candidate: '{"id":2,"n":1}' }

function exchangeSet(name: string, { served, control, candidate }: Texts): ObservationSet {
  const exchangeId = deterministicUuid('exchange', name)
  const ofExchange = (arm: string) => ({ exchangeId, observationId: deterministicUuid(name, arm) })
  return aSet({
    exchange: { exchangeId, capturedAt: new Date().toISOString() },
    served: { answer: anAnswer({ text: served }) },
    observations: [
      aControl({ ...ofExchange('control'), answer: anAnswer({ text: control }) }),
      anObservation({ ...ofExchange('small'), answer: anAnswer({ model: 'small-1', text: candidate }) }),
    ],
  })
}

/** As tap and replay do. */
async function publish(log: TopicLog, set: ObservationSet): Promise<void> {
  const record = (value: unknown) => [{ key: set.exchange.conversationId, value: JSON.stringify(value) }]
  await log.publish('exchanges', record(set.exchange))
  await log.publish('observations', record(set))
}

type Row = { arm: string; outcome: string; decidedBy: string; judgeState: string; judgeReason: string; waived: number }

async function comparisonsOf(store: Store, { exchange }: ObservationSet): Promise<Row[]> {
  const sql = `SELECT arm, toString(outcome) AS outcome, toString(decided_by) AS decidedBy, toString(judge_state) AS judgeState,
    toString(judge_reason) AS judgeReason, toFloat64(length(waived)) AS waived
    FROM comparisons_unique WHERE exchange_id = {id:UUID} ORDER BY arm`
  return await store.query<Row>(sql, { id: exchange.exchangeId })
}

/** The candidate's row, as soon as it is stored and `holds`. */
async function stored(store: Store, set: ObservationSet, holds: (row: Row) => boolean = () => true): Promise<Row> {
  const find = async () => (await comparisonsOf(store, set)).find(({ arm }) => arm === 'small')
  await until(`${set.exchange.exchangeId} is stored`, 60_000, async () => {
    const row = await find()
    return row !== undefined && holds(row)
  })
  return (await find())!
}

/** What is opened last is closed first: the broker outlives its clients. */
function closing(context: TestContext): (close: () => Promise<unknown>) => void {
  const closes: (() => Promise<unknown>)[] = []
  context.after(async () => {
    for (const close of closes.toReversed()) await close()
  })
  return (close) => closes.push(close)
}

test(
  'over a real broker, verdicts of a judge, imported scores and comparisons made again end in the store, and the judge’s budget holds on every machine',
  { skip },
  async (context) => {
    const broker = await startKafkaBroker({ properties: { 'group.initial.rebalance.delay.ms': '0' } })
    const atEnd = closing(context)
    atEnd(() => broker.stop())
    const kafka = KafkaLog.parse({ kafka: { brokers: broker.brokers, prefix: 'compare', partitions: 2 } })
    const court = await pretendJudge(context, fair)
    const configFor = (judge: object, waivers: WaiverConfig[] = []): Config => {
      const config = aConfig(court.url, { judge })
      return { ...config, log: kafka, waivers, compare: { ...config.compare, workers: 1 } }
    }
    const store = await migratedStore()
    const open = async (clientId: string): Promise<TopicLog> => {
      const log = await openTopicLog(kafka, { logger, clientId })
      atEnd(() => log.close())
      return log
    }
    const log = await open('one')
    await log.prepare()
    const record = await startRecord({ log, store, logger })
    atEnd(() => record.stop())
    const start = async (config: Config, log: TopicLog): Promise<() => Promise<void>> => {
      const running = await startCompare({ config, log, logger, settling: { config, prices: fourDollarsEach } })
      let stopped: Promise<void> | undefined
      const stop = () => (stopped ??= running.stop())
      atEnd(stop)
      return stop
    }
    const stopFirst = await start(configFor({ budgetUsdPerDay: 1_000 }), log)

    const [judged, plain] = [exchangeSet('judged', toBeJudged), exchangeSet('plain', documents)]
    await publish(log, judged)
    await publish(log, plain)
    const verdict = await stored(store, judged)
    deepEqual([verdict.decidedBy, verdict.outcome, verdict.judgeState], ['judge', 'different', 'decided'])
    equal((await stored(store, plain)).outcome, 'different')
    await stopFirst()
    const asked = court.asked.length
    ok(asked > 0)

    // Another machine, whose day has room for less than was spent: it knows that from the broker alone.
    const other = await open('other')
    const stopSecond = await start(configFor({ budgetUsdPerDay: 5 }), other)
    const late = exchangeSet('late', { ...toBeJudged, candidate: `${badText} Thank you.` })
    await publish(other, late)
    const refused = await stored(store, late)
    deepEqual([refused.judgeState, refused.judgeReason], ['not_asked', 'budget_reached'])
    equal(court.asked.length, asked)
    await stopSecond()

    const scores = { exchangeId: plain.exchange.exchangeId, arm: 'small', name: 'taste', score: 0.25 }
    const file = { name: 'scores.json', text: JSON.stringify([scores]) }
    const imported = await importScores([file], 'people', { store, log })
    deepEqual([imported.published, imported.unusable], [1, {}])
    const scoresOf = () =>
      store.query('SELECT toString(name) AS name, toString(scored_by) AS by, arm, score FROM scores_unique')
    await until('the score is stored', 60_000, async () => (await scoresOf()).length > 0)
    deepEqual(await scoresOf(), [{ name: 'taste', by: 'people', arm: 'small', score: 0.25 }])

    const waiver = { path: '/id', reason: 'made up by both', author: 'ana', expires: '2099-12-31' }
    const lenient = configFor({}, [waiver])
    const pool = await startPool({ config: lenient })
    atEnd(() => pool.close())
    const span = { since: new Date(Date.now() - 3_600_000), until: new Date(Date.now() + 3_600_000) }
    const again = await rescore(span, undefined, { store, log, pool, versionAt: await versionOfConfig(lenient) })
    deepEqual(again.changedOutcome, [{ from: 'different', to: 'equivalent', comparisons: 1 }])
    const waived = await stored(store, plain, ({ waived }) => waived > 0)
    equal(waived.outcome, 'equivalent')
    deepEqual(await stored(store, judged), verdict)
  },
)
