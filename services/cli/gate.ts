import { type Command } from 'commander'
import { unkept } from '../report/slices/kept.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { command, type CommonOptions, configOf, print } from './command.ts'
import { readVerdict, type VerdictOptions, withVerdictOptions } from './summary.ts'

/** 1 and 2 are failures of the command itself. */
const exitCodes: Record<Verdict['verdict'], number> = { go: 0, no_go: 3, inconclusive: 4 }
const goExcept = 5

/**
 * What CI and rollout controllers read. A GO that leaves kinds of traffic out is 0 only for whoever says that exactly these, or
 * more, stay with the served model: `kept`, as `dimension=value`.
 */
export function exitCodeOf(
  { verdict, except }: Pick<Verdict, 'verdict' | 'except'>,
  kept: readonly string[] = [],
): number {
  return verdict === 'go' && unkept({ except }, kept).length > 0 ? goExcept : exitCodes[verdict]
}

type GateOptions = CommonOptions & VerdictOptions & { keep?: string[] }

export function gateCommand(): Command {
  const cli = command(
    'gate',
    'exit 0 go, 5 go except, 3 no_go, 4 inconclusive: for CI and rollout controllers',
  ).requiredOption('--candidate <name>', 'the candidate to judge')
  cli.option('--keep <slice...>', 'kinds of traffic that stay with the served model, such as route=invoice')
  return withVerdictOptions(cli).action(async (options: GateOptions) => {
    // An unknown candidate has thrown by now, so there is exactly one.
    const verdict = await readVerdict(configOf(options), options)
    print(options, verdict, verdict.sentence)
    process.exitCode = exitCodeOf(verdict, options.keep)
  })
}
