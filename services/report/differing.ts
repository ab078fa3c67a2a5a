/** A field whose value is not the same, as a JSON pointer (RFC 6901). `undefined`: it is not there. */
export type Differing = { pointer: string; was: unknown; is: unknown }

/** The engine sums in the order in which its threads finish, so the last digits of a sum are chance. */
const relativeTolerance = 1e-9

/** Every field that differs between two JSON values, in order; numbers within rounding of a sum are the same. */
export function differing(was: unknown, is: unknown, pointer = ''): Differing[] {
  if (typeof was === 'number' && typeof is === 'number' && areClose(was, is)) return []
  if (isTree(was) && isTree(is) && Array.isArray(was) === Array.isArray(is)) {
    const [before, after] = [was as Record<string, unknown>, is as Record<string, unknown>]
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return names.flatMap((name) => differing(before[name], after[name], `${pointer}/${escaped(name)}`))
  }
  return was === is ? [] : [{ pointer, was, is }]
}

const isTree = (value: unknown) => typeof value === 'object' && value !== null

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

function areClose(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= relativeTolerance * Math.max(Math.abs(a), Math.abs(b))
}
