import { basename } from 'node:path'
import { Command } from 'commander'
import { loadGates } from '../../shared/config/load.ts'
import { Gates } from '../../shared/config/schema.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { formatText } from '../report/format/text.ts'
import { verdictOnScores } from '../report/scores.ts'
import { counted } from '../report/words.ts'
import { type CommonOptions, print } from './command.ts'
import { exitCodeOf } from './gate.ts'
import { readInput } from './input-file.ts'
import { terminal } from './summary.ts'
import { type PairsFile, readPairs } from './verdict-pairs.ts'

type VerdictOptions = Omit<CommonOptions, 'config'> & { pairs: string; config?: string }

export function verdictCommand(): Command {
  return new Command('verdict')
    .description('the verdict on scores made anywhere; exit 0 go, 5 go except, 3 no_go, 4 inconclusive')
    .requiredOption('--pairs <file>', 'one exchange a line, as JSON lines or CSV; -: standard input')
    .option('-c, --config <file>', 'a config file for its gates; default: the built-in margins')
    .option('--json', 'machine-readable output')
    .action(async (options: VerdictOptions) => {
      const verdict = await readVerdict(options, new Date())
      print(options, verdict, formatText([{ verdict, worst: [] }], terminal()).trimEnd())
      process.exitCode = exitCodeOf(verdict)
    })
}

async function readVerdict({ pairs: file, config }: VerdictOptions, now: Date): Promise<Verdict> {
  const gates = config === undefined ? Gates.parse({}) : loadGates(config, process.env)
  const name = file === '-' ? 'standard input' : basename(file)
  const { scores, columns, fingerprint, unused } = readPairs(await readInput(file), name, now)
  return verdictOnScores({ name, fingerprint, scores, columns, gates, asOf: now, caveats: caveatsOn(scores, unused) })
}

function caveatsOn(scores: PairsFile['scores'], { columns, failuresScored }: PairsFile['unused']): string[] {
  const isTimed = scores.some(({ atMs }) => atMs !== null)
  return [
    ...(isTimed
      ? []
      : ['no line has a time (at): the minimum of days does not apply, and nothing is seen of patterns in time']),
    ...(failuresScored > 0
      ? [`${counted(failuresScored, 'line')} with a quality above 0 for an arm that failed: counted as 0`]
      : []),
    ...(columns.length > 0 ? [`columns that are not read: ${columns.join(', ')}`] : []),
  ]
}
