import { type Command } from 'commander'
import { type Config } from '../../shared/config/schema.ts'
import { Exchange } from '../../shared/contracts/exchange.ts'
import { decodeMessage } from '../../shared/log/messages.ts'
import { openPriceBook } from '../../shared/pricing/open.ts'
import { type ArmEstimate, createEstimator } from '../replay/estimate.ts'
import { armsDesk } from './arms.ts'
import { personHere } from './audit-trail.ts'
import { type CommonOptions, configOf, print } from './command.ts'
import { exchangesOfFile, type Recorded, recordedExchanges } from './replay-recorded.ts'
import { runForeground, stageCommand, type StageOptions } from './stages.ts'

/** `understudy replay`: the stage, and what one asks and tells it. */
export function replayCommand(): Command {
  const replay = stageCommand('replay')
    .option('--estimate', 'ask nothing: say what asking the recorded exchanges would cost, for each arm')
    .option('--from <file>', 'with --estimate: the exchanges that `understudy import` would take of this file')
    .action((options: StageOptions & EstimateOptions) =>
      options.estimate === true ? tellEstimate(options) : runForeground(['replay'], options),
    )
  for (const [verb, description] of [
    ['pause', 'stop asking an arm; its exchanges wait in the log'],
    ['resume', 'ask a paused arm again'],
  ] as const) {
    // Their options are those of the command above them.
    replay
      .command(verb)
      .description(description)
      .argument('<arm>', 'control, or the name of a candidate')
      .action(async (arm: string, _: object, self: Command) => {
        const options: CommonOptions = self.optsWithGlobals()
        await armsDesk(configOf(options)).setPaused(arm, verb === 'pause', personHere())
        const effect =
          verb === 'pause'
            ? `${arm} is paused: exchanges that need it wait in the log until \`understudy replay resume ${arm}\``
            : `${arm} is asked again`
        print(options, { arm, paused: verb === 'pause' }, effect)
      })
  }
  return replay
}

type Estimation = {
  exchanges: number
  of: Recorded['of']
  arms: ArmEstimate[]
  costUsd: number
  isPriced: boolean
}

type EstimateOptions = { estimate?: boolean; from?: string }

async function tellEstimate(options: CommonOptions & EstimateOptions): Promise<void> {
  const config = configOf(options)
  const estimation = await estimate(config, options.from)
  print(options, estimation, describe(estimation))
}

async function estimate(config: Config, file: string | undefined): Promise<Estimation> {
  const { of, values } = file === undefined ? await recordedExchanges(config) : await exchangesOfFile(file, config)
  const estimator = createEstimator(config, openPriceBook(config.prices))
  let exchanges = 0
  for (const value of values) {
    estimator.add(decodeMessage(Exchange, value))
    exchanges++
  }
  const arms = estimator.result()
  return {
    exchanges,
    of,
    arms,
    costUsd: arms.reduce((sum, { costUsd }) => sum + costUsd, 0),
    isPriced: arms.every(({ unpriced }) => Object.keys(unpriced).length === 0),
  }
}

const where: Record<Recorded['of'], string> = {
  waiting: 'the log holds',
  recorded: 'the log holds',
  file: 'the file holds',
}

function describe({ exchanges, of, arms, costUsd, isPriced }: Estimation): string {
  if (exchanges === 0) return `${where[of]} no exchanges: \`understudy import\` or the tap brings some`
  const rows = [
    ['arm', 'calls', 'tokens in', 'tokens out', 'USD', 'USD a day', 'budget a day'],
    ...arms.map((each) => [
      each.arm,
      String(each.calls),
      String(each.inputTokens),
      String(each.outputTokens),
      each.costUsd.toFixed(4),
      each.perDay === null ? '-' : each.perDay.costUsd.toFixed(2),
      each.budgetUsdPerDay === null ? 'none' : each.budgetUsdPerDay.toFixed(2),
    ]),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const table = rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  )
  const notes = arms.flatMap((each) => [
    ...Object.entries(each.unpriced).map(
      ([model, calls]) => `${each.arm}: ${calls} calls of ${model} have no price and are in no sum: add a price row`,
    ),
    ...Object.entries(each.notAsked).map(([reason, times]) => `${each.arm}: ${times} not asked (${reason})`),
  ])
  return [
    `${where[of]} ${exchanges} exchanges${of === 'waiting' ? ' that wait to be replayed' : of === 'recorded' ? ', none of which waits' : ''}`,
    '',
    ...table,
    '',
    ...notes,
    `expected: ${isPriced ? '' : 'at least '}$${costUsd.toFixed(4)}, if every arm answers as long as the served model did and nothing is cached`,
  ].join('\n')
}
