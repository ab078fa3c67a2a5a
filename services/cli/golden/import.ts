import { type Command } from 'commander'
import { freezeVersion } from '../../report/golden/freeze.ts'
import { readTruth, withTruth } from '../../report/golden/ground-truth.ts'
import { readItems, setOf } from '../../report/golden/sets.ts'
import { personHere } from '../audit-trail.ts'
import { command, type CommonOptions, configOf, print } from '../command.ts'
import { readInput } from '../input-file.ts'
import { describeSet } from './describe.ts'
import { insertAudit, withWriter } from './writer.ts'

const help = `
JSON lines or CSV with id, groundTruth and notes; other columns are left alone, so that an export can be filled in and given back:

  understudy golden export release-1 --format csv -o release-1.csv
  understudy golden import release-1 release-1.csv

What is there does not change: this makes the next version of the set, of the same exchanges and the same hold-out.
`

export function importTruthCommand(): Command {
  return command('import', 'what people found to be right, by the exchanges’ ids')
    .argument('<name>')
    .argument('<file>', '-: standard input')
    .option('--by <name>', 'who says so; default: you')
    .addHelpText('after', help)
    .action(async (name: string, file: string, options: CommonOptions & { by?: string }) => {
      const config = configOf(options)
      const lines = readTruth((await readInput(file)).toString('utf8'), file)
      const [now, by] = [new Date(), options.by ?? personHere()]
      const set = await withWriter(config, '', async (store) => {
        const parent = await setOf(store, name)
        const items = (await readItems(store, parent, 'all')).map(({ item }) => item)
        const frozen = await freezeVersion(store, parent, withTruth(items, lines, by, now), personHere(), now)
        await insertAudit(store, {
          action: 'frozen',
          subject: name,
          details: { address: frozen.address, items: frozen.items },
        })
        return frozen
      })
      print(options, set, describeSet(set))
    })
}
