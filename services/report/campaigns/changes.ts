import { gateTitles } from '../words.ts'

const plainWords: Record<string, string> = {
  candidate: 'candidate changed (model, prompt or parameters)',
  control: 'control changed',
  routes: 'routes changed',
  scoring: 'scoring changed',
  counting: 'what counts as a difference changed (scorers, fact veto, grounded routes, losses)',
  embeddings: 'embeddings changed',
  judge: 'judge changed',
  slices: 'slices changed',
}

/** What differs between two campaigns' inputs, in words: `margins changed (quality 3 % → 5 %)`. */
export function changesBetween(earlier: string, later: string): string[] {
  const [before, after] = [leavesOf(JSON.parse(earlier)), leavesOf(JSON.parse(later))]
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path))
  const margins = paths.filter((path) => path.startsWith('margins.'))
  const rest = paths.filter((path) => !path.startsWith('margins.') && path !== 'version')
  const told = (path: string, words: string) => `${words} ${shown(before.get(path))} → ${shown(after.get(path))}`
  const others = rest.map((path) => plainWords[path.split('.')[0]!] ?? told(path, path))
  return [
    ...(margins.length > 0 ? [`margins changed (${margins.map((path) => told(path, wordsOf(path))).join(', ')})`] : []),
    ...new Set(others),
  ]
}

type Leaf = string | number | boolean | null
type Leaves = Map<string, Leaf>

function leavesOf(value: unknown, path: readonly string[] = [], leaves: Leaves = new Map()): Leaves {
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) leavesOf(inner, [...path, key], leaves)
  } else leaves.set(path.join('.'), value as Leaf)
  return leaves
}

/** `margins.quality.relative` as `quality`, `margins.errors.ceiling` as `error rate ceiling`. */
function wordsOf(path: string): string {
  const [, gate, ...setting] = path.split('.')
  const title = gateTitles[gate as keyof typeof gateTitles] ?? gate!
  const rest = setting.filter((word) => word !== 'relative').join(' ')
  return rest === '' ? title : `${title} ${rest}`
}

function shown(value: Leaf | undefined): string {
  if (value === undefined || value === null) return 'none'
  if (typeof value !== 'number') return String(value)
  return value > 0 && value < 1 ? `${Number((value * 100).toFixed(4))} %` : value.toLocaleString('en-US')
}
