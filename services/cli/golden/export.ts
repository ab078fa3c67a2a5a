import { type Command, Option } from 'commander'
import { GoldenFormat } from '../../../shared/contracts/golden.ts'
import { goldenExports } from '../../report/golden/export/index.ts'
import { isSame, openingAct, readOpenings } from '../../report/golden/openings.ts'
import { rowOfItem } from '../../report/golden/rows.ts'
import { readItems, setOf } from '../../report/golden/sets.ts'
import { writeAudit } from '../audit-trail.ts'
import { command, type CommonOptions, configOf } from '../command.ts'
import { writeOutput } from '../output-file.ts'
import { withReader } from '../reader.ts'
import { versionIn } from './version.ts'
import { recordFirst } from './writer.ts'

type ExportOptions = CommonOptions & {
  format: GoldenFormat
  output?: string
  setVersion?: string
  openHoldout?: boolean
}

export function exportGoldenCommand(): Command {
  return command('export', 'a set in the form of another tool')
    .argument('<name>')
    .addOption(
      new Option('--format <name>', 'jsonl and csv are our own').choices(GoldenFormat.options).default('jsonl'),
    )
    .option('-o, --output <file>', 'default: standard output')
    .option('--set-version <n>', 'default: the newest')
    .option('--open-holdout', 'the hold-out, too: this is recorded, and said in every report on the set from then on')
    .action(async (name: string, options: ExportOptions) => {
      const config = configOf(options)
      const set = await withReader(config, (store) => setOf(store, name, versionIn(options)))
      if (options.openHoldout === true) {
        const opening = { how: 'export' as const, candidate: null, armFingerprint: null, address: set.address }
        await recordFirst(config, openingAct(name, opening), async (store) =>
          (await readOpenings(store, name)).some((known) => isSame(known, opening)),
        )
      }
      const items = await withReader(config, (store) =>
        readItems(store, set, options.openHoldout === true ? 'all' : 'dev'),
      )
      const { format, output } = options
      const details = { what: 'golden set', format, address: set.address }
      await writeAudit(config, { action: 'exported', subject: name, details })
      const text = goldenExports[format].of(items.map(({ item }) => rowOfItem(item)))
      if (output === undefined) process.stdout.write(text)
      else await writeOutput(output, text)
    })
}
