import { type Command, Option } from 'commander'
import { sectionsAsMarkdown } from '../report/format/markdown.ts'
import { sectionsAsText } from '../report/format/text.ts'
import { type ConfigFor, configNames, configOf as rolloutConfigOf } from '../report/plan/configs.ts'
import { type Plan, planOf } from '../report/plan/plan.ts'
import { planSectionsOf } from '../report/plan/sections.ts'
import { command, type CommonOptions, configOf } from './command.ts'
import { usage } from './input-file.ts'
import { readReport, terminal, type VerdictOptions, withVerdictOptions } from './summary.ts'

type PlanOptions = CommonOptions &
  VerdictOptions & { candidate: string; format?: 'text' | 'md' | 'json'; for?: ConfigFor; stage?: string }

export function planCommand(): Command {
  const cli = command('plan', 'the rollout in stages, what each must show, and its configuration')
    .requiredOption('--candidate <name>', 'the candidate to roll out')
    .addOption(new Option('--format <name>', 'how it is written').choices(['text', 'md', 'json']))
    .addOption(new Option('--for <gateway>', 'the configuration instead').choices([...configNames]))
    .option('--stage <percent>', 'with --for: 1, 5, 25, 50 or 100 (default: 1)')
  return withVerdictOptions(cli).action(async (options: PlanOptions) => {
    // Before anything is read, which takes longer.
    if (options.for === undefined && options.stage !== undefined)
      throw usage('--stage goes with --for, which says whose configuration is wanted')
    const config = configOf(options)
    const report = await readReport(config, options)
    // An unknown candidate has thrown by now.
    const plan = planOf(report.verdicts[0]!, report.facts[0]!, config.gates)
    process.stdout.write(written(plan, options))
  })
}

function written(plan: Plan, options: PlanOptions): string {
  if (options.for !== undefined) return rolloutConfigOf(plan, options.for, stageOf(plan, options.stage ?? '1'))
  const format = options.format ?? (options.json ? 'json' : 'text')
  if (format === 'json') return `${JSON.stringify(plan, null, 2)}\n`
  const sections = planSectionsOf(plan)
  return format === 'md' ? sectionsAsMarkdown(sections) : sectionsAsText(sections, terminal())
}

function stageOf({ stages }: Plan, text: string): number {
  const percents = stages.map(({ percent }) => percent)
  const found = percents.find((percent) => String(percent) === text.replace(/\s*%$/, ''))
  if (found === undefined) throw usage(`there is no stage "${text}": choose from ${percents.join(', ')}`)
  return found
}
