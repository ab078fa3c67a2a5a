import { type Command } from 'commander'
import { listSets } from '../../report/golden/sets.ts'
import { command, type CommonOptions, configOf, print } from '../command.ts'
import { withReader } from '../reader.ts'

export function listCommand(): Command {
  return command('list', 'the sets there are').action(async (options: CommonOptions) => {
    const sets = await withReader(configOf(options), listSets)
    const lines = sets.map(
      (set) =>
        `${set.name}  version ${set.setVersion}  ${set.items} exchanges, ${set.holdout} kept back${set.openings.length > 0 ? ' (opened)' : ''}  ${set.address}`,
    )
    print(options, { sets }, lines.length === 0 ? 'there is none: understudy golden freeze NAME' : lines.join('\n'))
  })
}
