import { type Command } from 'commander'
import { type GoldenSet, GoldenName, GoldenSpec } from '../../../shared/contracts/golden.ts'
import { candidatesOf } from '../../report/load-verdicts.ts'
import { freezeSet } from '../../report/golden/freeze.ts'
import { sinceOf } from '../../report/query.ts'
import { personHere } from '../audit-trail.ts'
import { command, type CommonOptions, configOf, print } from '../command.ts'
import { usage } from '../input-file.ts'
import { insertAudit, withWriter } from './writer.ts'
import { describeSet } from './describe.ts'

type FreezeOptions = CommonOptions & {
  size: string
  seed: string
  since?: string
  until?: string
  by: string
  holdout: string
  candidate?: string
}

export function freezeCommand(): Command {
  return command('freeze', 'draw a set from what is stored, and keep it as it is')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .option('--size <n>', 'exchanges', '200')
    .option('--seed <n>', 'the same seed draws the same exchanges', '1')
    .option('--since <time>', 'captured from then on: 30d, or a date')
    .option('--until <time>', 'captured up to then; default: now')
    .option(
      '--by <list>',
      'what is told apart: route, task, language, outcome, tools, length, tier',
      'route,task,language,outcome',
    )
    .option('--holdout <share>', 'part that is kept back for the sign-off', '0.3')
    .option('--candidate <name>', 'whose comparisons say task, language and outcome; default: the control’s')
    .action(async (name: string, options: FreezeOptions) => {
      const config = configOf(options)
      if (!GoldenName.safeParse(name).success)
        throw usage(`"${name}" is no name: use lower-case letters, digits and hyphens`)
      if (options.candidate !== undefined) candidatesOf(config, options.candidate)
      const [now, spec] = [new Date(), specOf(options)]
      const set = await withWriter(config, 'freeze over HTTP: POST /api/v1/golden of the report', async (store) => {
        const frozen = await freezeSet(store, { name, spec, by: personHere(), now })
        await insertAudit(store, {
          action: 'frozen',
          subject: name,
          details: { address: frozen.address, items: frozen.items },
        })
        return frozen
      })
      print(options, set satisfies GoldenSet, describeSet(set))
    })
}

function specOf(options: FreezeOptions): GoldenSpec {
  const timeOf = (text: string | undefined) => (text === undefined ? null : sinceOf(text).toISOString())
  const read = GoldenSpec.safeParse({
    size: Number(options.size),
    seed: Number(options.seed),
    since: timeOf(options.since),
    until: timeOf(options.until) ?? new Date().toISOString(),
    by: options.by
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
    holdoutShare: Number(options.holdout),
    candidate: options.candidate ?? null,
  })
  if (read.success) return read.data
  const names: Record<string, string> = { holdoutShare: 'holdout' }
  const wrong = read.error.issues.map(
    ({ path, message }) => `--${names[String(path[0])] ?? String(path[0])}: ${message}`,
  )
  throw usage(wrong.join('; '))
}
