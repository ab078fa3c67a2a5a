import { type Command } from 'commander'
import { type Config } from '../../shared/config/schema.ts'
import { Exchange } from '../../shared/contracts/exchange.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { decodeMessage } from '../../shared/log/messages.ts'
import { createLogger, type Logger } from '../../shared/logger.ts'
import { openPriceBook } from '../../shared/pricing/open.ts'
import { type PriceBook } from '../../shared/pricing/price-book.ts'
import { quantile } from '../../shared/statistics/quantile.ts'
import { createTransport, type Transport } from '../../shared/providers/transport.ts'
import { openArms } from '../replay/arms.ts'
import { costOf } from '../../shared/pricing/answer-cost.ts'
import { estimateOf } from '../replay/costs.ts'
import { openState } from '../../shared/limits/open.ts'
import { privateHostsOf } from '../../shared/providers/open-transport.ts'
import { modelOf } from '../replay/observe.ts'
import { type Question, type ReplayArm } from '../replay/question.ts'
import {
  type Arrival,
  brokenGates,
  highestThatHolds,
  rehearse,
  type Rehearsal,
  type ServedTtft,
} from '../replay/rehearse.ts'
import { plan } from '../replay/replay.ts'
import { type Need, type LimitsState } from '../../shared/limits/limits-state.ts'
import { command, type CommonOptions, configOf, print } from './command.ts'
import { recordedExchanges, withLog } from './replay-recorded.ts'

type RehearseOptions = CommonOptions & { candidate: string; speed: string; for: string }

export function rehearseCommand(): Command {
  return command('rehearse', 'offer a candidate the recorded traffic, faster: what load keeps the latency gates')
    .requiredOption('--candidate <name>', 'the candidate to ask; it is paid for, within its budget')
    .option('--speed <list>', 'multiples of the recorded pace, such as 1x,2x,4x', '2x')
    .option('--for <duration>', 'how long at each speed: 30s, 10m, 1h', '10m')
    .action(async (options: RehearseOptions) => {
      const config = configOf(options)
      const stop = new AbortController()
      process.once('SIGINT', () => stop.abort())
      const request = { speeds: speedsOf(options.speed), forMs: durationOf(options.for), signal: stop.signal }
      const result = await run(config, options.candidate, request)
      print(options, result, describe(result))
    })
}

type Request = { speeds: number[]; forMs: number; signal: AbortSignal }
type Result = {
  candidate: string
  recorded: number
  served: ServedTtft
  rehearsals: (Rehearsal & { brokenGates: string[] })[]
  highest: Rehearsal | null
}

async function run(config: Config, candidate: string, request: Request): Promise<Result> {
  const logger = createLogger('rehearse', 'warn')
  const transport = createTransport({ privateHosts: privateHostsOf(config) })
  const arm = armNamed(config, candidate, transport)
  const exchanges = await exchangesOf(config)
  const questions = exchanges.flatMap((exchange) => plan(exchange, [arm]).questions)
  if (questions.length === 0) {
    throw new UnderstudyError('USAGE', `the log holds no exchange that ${candidate} could be asked: import some first`)
  }
  const served = servedTtft(exchanges)
  const rehearsals: Rehearsal[] = []
  await withState(config, logger, async (state) => {
    const arrivals = arrivalsOf(questions, arm, { state, config, prices: openPriceBook(config.prices) })
    for (const speed of request.speeds) {
      const { forMs, signal } = request
      if (signal.aborted) break
      rehearsals.push(await rehearse(arrivals, { speed, forMs, signal, mayAsk: mayAsk(state, arm) }))
    }
  })
  await transport.close()
  return {
    candidate,
    recorded: questions.length,
    served,
    rehearsals: rehearsals.map((each) => ({ ...each, brokenGates: brokenGates(each, served, config.gates) })),
    highest: highestThatHolds(rehearsals, served, config.gates),
  }
}

function armNamed(config: Config, name: string, transport: Transport): ReplayArm {
  const known = config.candidates.map((each) => each.name)
  const arm = openArms(config, transport).find((each) => each.arm.name === name)
  if (arm !== undefined && known.includes(name)) return arm
  throw new UnderstudyError('CANDIDATE_UNKNOWN', `there is no candidate "${name}": choose from ${known.join(', ')}`)
}

async function exchangesOf(config: Config): Promise<Exchange[]> {
  const { values } = await recordedExchanges(config, 'recorded')
  return Array.from(values, (value) => decodeMessage(Exchange, value)).toSorted((a, b) =>
    a.capturedAt < b.capturedAt ? -1 : 1,
  )
}

function servedTtft(exchanges: readonly Exchange[]): ServedTtft {
  const ttftsMs = exchanges.flatMap(({ served }) => served.ttftMs ?? [])
  return { p50Ms: quantile(ttftsMs, 0.5), p95Ms: quantile(ttftsMs, 0.95) }
}

/** Limits are left out on purpose, since the load is what is tried; the budget is not. */
function needOf({ arm }: ReplayArm, provider: string, estimateUsd: number | null): Need {
  const { name, budgetUsdPerDay } = arm
  if (budgetUsdPerDay !== null && estimateUsd === null) {
    throw new UnderstudyError('CONFIG_INVALID', `${name} has a budget and no price: add it to the price file`)
  }
  const limits = { concurrency: Number.MAX_SAFE_INTEGER }
  const budget = budgetUsdPerDay === null ? null : { limitUsd: budgetUsdPerDay, estimateUsd: estimateUsd ?? 0 }
  return { arm: name, provider, armLimits: limits, providerLimits: {}, tokens: 0, budget }
}

function mayAsk(state: LimitsState, { arm }: ReplayArm): () => boolean {
  return () => arm.budgetUsdPerDay === null || state.spentUsd(arm.name) < arm.budgetUsdPerDay
}

type Books = { state: LimitsState; config: Config; prices: PriceBook }

function arrivalsOf(questions: readonly Question[], arm: ReplayArm, { state, prices }: Books): Arrival[] {
  const firstMs = Date.parse(questions[0]!.subject.exchange.capturedAt)
  return questions.map(({ subject, adapter, call }) => {
    const model = modelOf(arm.arm, subject.exchange)
    const estimate = estimateOf(subject.exchange, call.body, model, new Date(), prices)
    const need = needOf(arm, subject.provider, estimate.costUsd)
    return {
      offsetMs: Date.parse(subject.exchange.capturedAt) - firstMs,
      ask: async (signal) => {
        const entry = state.admit([need])
        const reply = await adapter.ask({ ...call, timeoutMs: arm.arm.timeoutMs, signal })
        const costUsd = costOf(reply.answer, model, new Date(), prices)
        if (entry.kind === 'admitted') state.settle(entry.calls[0]!, need, { costUsd, tokens: null })
        return reply
      },
    }
  })
}

async function withState(config: Config, logger: Logger, work: (state: LimitsState) => Promise<void>): Promise<void> {
  await withLog(config, async (log) => {
    const state = await openState(config.log, log, logger)
    try {
      await work(state)
    } finally {
      await state.close()
    }
  })
}

function speedsOf(text: string): number[] {
  const speeds = text.split(',').map((part) => Number(/^\s*(\d+(?:\.\d+)?)x?\s*$/.exec(part)?.[1]))
  if (speeds.every((speed) => speed > 0)) return speeds
  throw new UnderstudyError('USAGE', `--speed "${text}" is no list of multiples: write 2x, or 1x,2x,4x`)
}

function durationOf(text: string): number {
  const found = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text)
  const ms = Number(found?.[1]) * { s: 1_000, m: 60_000, h: 3_600_000 }[(found?.[2] ?? 's') as 's' | 'm' | 'h']
  if (ms > 0) return ms
  throw new UnderstudyError('USAGE', `--for "${text}" is no duration: write 30s, 10m or 1h`)
}

function describe({ candidate, recorded, served, rehearsals, highest }: Result): string {
  const ms = (value: number | null): string => (value === null ? '-' : value.toFixed(0))
  const rows = [
    ['speed', 'offered/s', 'answered/s', 'calls', 'TTFT p50 ms', 'p95 ms', 'errors', 'in flight', 'gates broken'],
    ...rehearsals.map((each) => [
      `${each.speed}x`,
      each.offeredPerSecond.toFixed(2),
      each.answeredPerSecond.toFixed(2),
      String(each.calls),
      ms(each.ttftP50Ms),
      ms(each.ttftP95Ms),
      `${(100 * each.errorRate).toFixed(1)}%`,
      String(each.mostInFlight),
      each.brokenGates.join(' ') || 'none',
    ]),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const notes = rehearsals.flatMap((each) => [
    ...(each.budgetReached ? [`${each.speed}x ended early: the budget of the day is spent`] : []),
    ...(each.lateP99Ms > 5
      ? [`${each.speed}x: calls began up to ${each.lateP99Ms.toFixed(0)} ms late (p99): this machine was too busy`]
      : []),
  ])
  const verdict =
    highest === null
      ? 'no load that was tried keeps the latency and error gates'
      : `highest load that keeps the gates: ${highest.offeredPerSecond.toFixed(2)} calls a second (${highest.speed}x)`
  return [
    `${candidate}, ${recorded} recorded exchanges; served TTFT p50 ${ms(served.p50Ms)} ms, p95 ${ms(served.p95Ms)} ms`,
    '',
    ...rows.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  ')),
    '',
    ...notes,
    verdict,
  ].join('\n')
}
