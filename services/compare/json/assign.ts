/**
 * The column that each row takes so that the sum of the costs is least, each column taken once. Shortest augmenting paths:
 * R. Jonker and A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment problems"
 * (Computing 38, 1987), without its starting heuristics, as D. F. Crouse, "On implementing 2D rectangular assignment
 * algorithms" (IEEE Transactions on Aerospace and Electronic Systems 52, 2016), has it. No more rows than columns; costs are
 * finite, and whole ones below 2^53 in sum are added without error. Takes time by rows² · columns.
 */
export function assign(costs: readonly (readonly number[])[]): number[] {
  const columns = costs[0]?.length ?? 0
  const ofRow = new Float64Array(costs.length)
  // Place 0 is no column: the row that is being placed stands there.
  const ofColumn = new Float64Array(columns + 1)
  const taken = new Int32Array(columns + 1).fill(-1)
  for (let row = 0; row < costs.length; row++) {
    const from = new Int32Array(columns + 1)
    const shortest = new Float64Array(columns + 1).fill(Infinity)
    const isReached = new Uint8Array(columns + 1)
    taken[0] = row
    let end = 0
    while (taken[end] !== -1) {
      isReached[end] = 1
      const at = taken[end]!
      let [step, next] = [Infinity, 0]
      for (let column = 1; column <= columns; column++) {
        if (isReached[column]) continue
        const length = costs[at]![column - 1]! - ofRow[at]! - ofColumn[column]!
        if (length < shortest[column]!) {
          shortest[column] = length
          from[column] = end
        }
        if (shortest[column]! < step) {
          step = shortest[column]!
          next = column
        }
      }
      for (let column = 0; column <= columns; column++) {
        if (!isReached[column]) shortest[column]! -= step
        else {
          ofRow[taken[column]!]! += step
          ofColumn[column]! -= step
        }
      }
      end = next
    }
    for (; end !== 0; end = from[end]!) taken[end] = taken[from[end]!]!
  }
  const chosen: number[] = Array.from({ length: costs.length }, () => -1)
  for (let column = 1; column <= columns; column++) if (taken[column] !== -1) chosen[taken[column]!] = column - 1
  return chosen
}
