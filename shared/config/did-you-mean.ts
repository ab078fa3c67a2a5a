/** The known name somebody most likely meant, or null where none is near. */
export function didYouMean(written: string, known: Iterable<string>): string | null {
  let best: string | null = null
  let bestDistance = Infinity
  for (const name of known) {
    const distance = distanceBetween(plain(written), plain(name))
    if (distance < bestDistance) [best, bestDistance] = [name, distance]
  }
  return bestDistance <= Math.max(1, Math.floor(written.length / 3)) ? best : null
}

/** `timeout_ms`, `TimeoutMs` and `timeoutMs` are one name. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

function distanceBetween(written: string, name: string): number {
  // Left unfinished (`budgetUsd`) or written too long (`concurrencyLimit`): near, whatever the rest's length.
  const [short, long] = written.length < name.length ? [written, name] : [name, written]
  if (short.length >= 4 && long.startsWith(short)) return long === short ? 0 : 1
  return editDistance(written, name)
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)]
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const above = rows[row - 1]!
      const replaced = above[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const swapped = isSwap ? rows[row - 2]![column - 2]! + 1 : Infinity
      current.push(Math.min(replaced, swapped, above[column]! + 1, current[column - 1]! + 1))
    }
    rows.push(current)
  }
  return rows[a.length]![b.length]!
}
