import { type Command } from 'commander'
import { isIntact, setOf, withOpenings } from '../../report/golden/sets.ts'
import { command, type CommonOptions, configOf, print } from '../command.ts'
import { withReader } from '../reader.ts'
import { describeSet } from './describe.ts'
import { versionIn } from './version.ts'

export function showCommand(): Command {
  return command('show', 'what a set is made of, and whether it still is: exit code 1 where it is not')
    .argument('<name>')
    .option('--set-version <n>', 'default: the newest')
    .action(async (name: string, options: CommonOptions & { setVersion?: string }) => {
      const { set, intact } = await withReader(configOf(options), async (store) => {
        const stored = await setOf(store, name, versionIn(options))
        return { set: await withOpenings(store, stored), intact: await isIntact(store, stored) }
      })
      const standing = intact
        ? 'every item that is there is what the address says'
        : 'IT IS NOT WHAT ITS ADDRESS SAYS: do not rely on it'
      print(options, { ...set, intact }, `${describeSet(set)}\n  ${standing}`)
      if (!intact) process.exitCode = 1
    })
}
