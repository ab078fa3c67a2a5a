import { type Found } from '../../shared/contracts/comparison.ts'
import { labelOf } from './label.ts'
import { type Pair } from './pair.ts'
import { isAboutJson } from './rungs/format.ts'
import { type Decision } from './rungs/rung.ts'
import { cut } from './text/cut.ts'

const maxLabelChars = 60
const maxPaths = 50
const maxPathChars = 200

/** What was found in a pair, in a form that can be counted over traffic. */
export function foundOf(pair: Pair, { outcome, differences }: Decision): Found {
  return {
    finding: outcome,
    kinds: [...new Set(differences.map(({ rung, kind }) => `${rung}:${kind}`))],
    paths: pathsOf(pair)
      .slice(0, maxPaths)
      .map((path) => cut(path, maxPathChars)),
    label: pair.task === 'label' ? recordedLabel(pair.arm.text) : null,
  }
}

/** Longer ones are no labels: their beginning tells enough. */
export const recordedLabel = (text: string): string => cut(labelOf(text), maxLabelChars)

function pathsOf(pair: Pair): string[] {
  const tools = pair.tools()
  if (tools !== null) return tools.paths
  return isAboutJson(pair) ? (pair.fields()?.paths() ?? []) : []
}
