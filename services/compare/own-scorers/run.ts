import { createContext, Script } from 'node:vm'
import { cut } from '../text/cut.ts'
import { type OwnScorer, type ScorerInput } from './own-scorer.ts'

/** `notScored`: why there is no score. Both null: the scorer says that it does not apply. */
export type OwnScore = { score: number | null; notScored: string | null }

const maxReasonChars = 200

// A script can be ended from outside while it runs, with everything that it calls; a plain call cannot.
const sandbox: { work: () => unknown } = { work: () => null }
const context = createContext(sandbox)
const script = new Script('work()', { filename: 'scorer' })

/** Never throws, and returns soon after the scorer's time is over. */
export function runScorer({ score, timeoutMs }: OwnScorer, input: ScorerInput): OwnScore {
  try {
    sandbox.work = () => score(structuredClone(input))
    return judged(script.runInContext(context, { timeout: timeoutMs }))
  } catch (err) {
    if ((err as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      return silent(`took longer than ${timeoutMs} ms`)
    return silent(`threw ${cut(told(err), maxReasonChars)}`)
  }
}

function judged(value: unknown): OwnScore {
  if (value === null || value === undefined) return { score: null, notScored: null }
  if (typeof value === 'object' && 'then' in value) return silent('gave a promise: a score must be there at once')
  if (typeof value !== 'number') return silent(`gave a ${typeof value}, which is no number`)
  return value >= 0 && value <= 1 ? { score: value, notScored: null } : silent(`gave ${value}, which is not in 0 to 1`)
}

const silent = (notScored: string): OwnScore => ({ score: null, notScored })

function told(err: unknown): string {
  try {
    return String(err)
  } catch {
    return 'something that cannot be told'
  }
}
