import { type LedgerLine, type Verdict } from '../../../../../shared/contracts/verdict.ts'

/** Where something left the way, and how much. `isBad`: it should not have. */
export type Exit = { words: string; count: number; isBad: boolean }

export type FlowStep = {
  title: string
  /** What is counted. */
  noun: 'exchanges' | 'answers' | 'pairs' | 'conversations'
  count: number
  /** Parts of `count`, in words. */
  parts: { words: string; count: number }[]
  exits: Exit[]
}

/** Everything that was served, step by step to the verdicts, with every way out of it. */
export function ledgerFlow(lines: readonly LedgerLine[], verdicts: readonly Verdict[]): FlowStep[] {
  const of = (stage: string, outcome?: string) =>
    lines.filter((line) => line.stage === stage && (outcome === undefined || line.outcome === outcome))
  const sum = (some: readonly LedgerLine[]) => some.reduce((total, { count }) => total + count, 0)
  const exitsOf = (some: readonly LedgerLine[], isBad: (line: LedgerLine) => boolean): Exit[] => {
    const byWords = new Map<string, Exit>()
    for (const line of some) {
      const words = wordsOf(line)
      const exit = byWords.get(words) ?? { words, count: 0, isBad: isBad(line) }
      byWords.set(words, { ...exit, count: exit.count + line.count })
    }
    return [...byWords.values()].filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count)
  }

  const stored = sum(of('record', 'stored'))
  const served = sum(of('tap', 'served'))
  const published = sum(of('tap', 'published'))
  const dead = lines.filter(({ outcome }) => outcome === 'dead_lettered')
  const [answered, failed] = [of('replay', 'answered'), of('replay', 'failed')]
  const compared = lines.filter(({ stage, outcome }) => stage === 'compare' && isCompared(outcome))
  const closed = Math.max(0, ...verdicts.map(({ units }) => units.closed))
  const open = Math.max(0, ...verdicts.map(({ units }) => units.open))

  return [
    { title: 'Served', noun: 'exchanges', count: Math.max(served, published), parts: [], exits: [] },
    {
      title: 'Copied',
      noun: 'exchanges',
      count: published,
      parts: [],
      exits: exitsOf(
        of('tap').filter(({ outcome }) => outcome !== 'served' && outcome !== 'published'),
        ({ outcome }) => outcome === 'dropped',
      ),
    },
    {
      title: 'Stored',
      noun: 'exchanges',
      count: stored,
      parts: [],
      exits: [
        ...exitsOf(
          of('record').filter(({ outcome }) => outcome === 'erased'),
          () => false,
        ),
        ...exitsOf(dead, () => true),
      ],
    },
    {
      title: 'Asked again',
      noun: 'answers',
      count: sum(answered) + sum(failed),
      parts: [
        { words: 'answered', count: sum(answered) },
        { words: 'failed', count: sum(failed) },
      ].filter(({ count }) => count > 0),
      exits: exitsOf(of('replay', 'not_asked'), () => false),
    },
    {
      title: 'Compared',
      noun: 'pairs',
      count: sum(compared),
      parts: [
        { words: 'equivalent', count: sum(compared.filter(({ outcome }) => outcome === 'equivalent')) },
        { words: 'different', count: sum(compared.filter(({ outcome }) => outcome === 'different')) },
        { words: 'failed', count: sum(compared.filter(({ outcome }) => outcome === 'failed')) },
      ].filter(({ count }) => count > 0),
      exits: exitsOf(of('compare', 'not_comparable'), () => false),
    },
    {
      title: 'Counted in a verdict',
      noun: 'conversations',
      count: closed,
      parts: [],
      exits: open > 0 ? [{ words: 'still open', count: open, isBad: false }] : [],
    },
  ]
}

const isCompared = (outcome: string) => outcome === 'equivalent' || outcome === 'different' || outcome === 'failed'

function wordsOf({ outcome, reason, stage }: LedgerLine): string {
  const words = outcome.replaceAll('_', ' ')
  const where = outcome === 'dead_lettered' ? ` by ${stage}` : ''
  return reason === null || reason === '' ? `${words}${where}` : `${words}${where}: ${reason.replaceAll('_', ' ')}`
}
