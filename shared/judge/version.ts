import { type Config, type JudgeConfig } from '../config/schema.ts'
import { sha256Hex } from '../ids.ts'
import {
  defaultRubric,
  instructionOf,
  mostAnswerChars,
  mostRequestChars,
  orderScheme,
  verdictSchema,
} from './template.ts'

/** What has an influence on a verdict: another version is another instrument, whose scores are not pooled with these. */
export function judgeVersion(judge: JudgeConfig, providers: Config['providers']): string {
  const { model, rubric, rubrics, parameters, sample } = judge
  const provider = providers[judge.provider]
  const byName = (map: object) => Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const identity = {
    dialect: provider?.dialect,
    baseUrl: provider?.baseUrl,
    model,
    parameters: byName(parameters),
    rubric: rubric ?? defaultRubric,
    rubrics: byName(rubrics),
    // Which pairs it decides.
    sample,
    prompt: instructionOf('', ''),
    schema: verdictSchema,
    shown: [mostRequestChars, mostAnswerChars],
    orderScheme,
  }
  return sha256Hex(JSON.stringify(identity)).slice(0, 16)
}

/** For whatever pins a campaign: null where there is no judge. */
export function judgeVersionOf({ compare, providers }: Pick<Config, 'compare' | 'providers'>): string | null {
  return compare.judge === false ? null : judgeVersion(compare.judge, providers)
}
