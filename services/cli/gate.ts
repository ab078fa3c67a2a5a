import { type Command } from 'commander'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { command, type CommonOptions, configOf, print } from './command.ts'
import { readVerdict, type VerdictOptions, withVerdictOptions } from './summary.ts'

/** What CI and rollout controllers read. 1 and 2 are failures of the command itself. */
export const gateExitCodes: Record<Verdict['verdict'], number> = { go: 0, no_go: 3, inconclusive: 4 }

export function gateCommand(): Command {
  const cli = command('gate', 'exit 0 go, 3 no_go, 4 inconclusive: for CI and rollout controllers').requiredOption(
    '--candidate <name>',
    'the candidate to judge',
  )
  return withVerdictOptions(cli).action(async (options: CommonOptions & VerdictOptions) => {
    const verdict = await readVerdict(configOf(options), options)
    print(options, verdict, verdict.sentence)
    process.exitCode = gateExitCodes[verdict.verdict]
  })
}
