import { Command } from 'commander'
import { exportGoldenCommand } from './golden/export.ts'
import { freezeCommand } from './golden/freeze.ts'
import { importTruthCommand } from './golden/import.ts'
import { listCommand } from './golden/list.ts'
import { runGoldenCommand } from './golden/run.ts'
import { showCommand } from './golden/show.ts'

const help = `
A golden set is a stratified sample of recorded exchanges that never changes: what it is made of is in its address. A part of it, by
whole conversations, is kept back for the final sign-off: opening that is recorded once, and said in every report on the set from then on.

  understudy golden freeze release-1 --size 300
  understudy golden run release-1 --candidate sonnet              # as often as you like
  understudy golden run release-1 --candidate sonnet --sign-off   # opens the hold-out

Texts of a set stay until they are erased (understudy erase), also when retention.bodiesDays is over.
`

/** `understudy golden`: sets of exchanges that a candidate can be asked about without waiting for traffic. */
export function goldenCommand(): Command {
  // Each part has the common options itself: a command above it that had them, too, would take them away.
  const golden = new Command('golden').description(
    'freeze recorded exchanges into a set, and ask any candidate about it',
  )
  for (const part of [
    freezeCommand(),
    listCommand(),
    showCommand(),
    runGoldenCommand(),
    exportGoldenCommand(),
    importTruthCommand(),
  ])
    golden.addCommand(part)
  return golden.addHelpText('after', help)
}
