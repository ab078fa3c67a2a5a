type Value = string | number | null | number[] | string[]
type Rules<Row> = {
  keys: readonly (keyof Row & string)[]
  least?: readonly (keyof Row)[]
  most?: readonly (keyof Row)[]
}

/**
 * One row of each key: numbers are added, lists of numbers place by place, and of what is `least` or `most` that is kept. Null is
 * nothing to add. In the order in which the keys came, so that the same rows give the same sums to the last digit.
 */
export function added<Row extends object>(rows: readonly Row[], { keys, least = [], most = [] }: Rules<Row>): Row[] {
  const sums = new Map<string, Row>()
  for (const row of rows) {
    const key = JSON.stringify(keys.map((name) => row[name]))
    const sum = sums.get(key)
    if (sum === undefined) {
      sums.set(key, structuredClone(row))
      continue
    }
    for (const name of Object.keys(row) as (keyof Row & string)[]) {
      if (keys.includes(name)) continue
      const values = [sum[name], row[name]] as [Value, Value]
      const put = (value: Value) => ((sum as Record<string, Value>)[name] = value)
      if (least.includes(name)) put(furthest(...values, -1))
      else if (most.includes(name)) put(furthest(...values, 1))
      else put(total(...values))
    }
  }
  return [...sums.values()]
}

function total(a: Value, b: Value): Value {
  if (a === null || b === null) return a ?? b
  if (!Array.isArray(a)) return (a as number) + (b as number)
  const [longer, shorter] = a.length >= (b as number[]).length ? [a, b] : [b, a]
  return (longer as number[]).map((value, index) => value + ((shorter as number[])[index] ?? 0))
}

function furthest(a: Value, b: Value, direction: -1 | 1): Value {
  if (a === null || b === null) return a ?? b
  return direction * compare(a, b) >= 0 ? a : b
}

/** Lists by their first places that differ. */
function compare(a: Value, b: Value): number {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b ? 0 : a! < b! ? -1 : 1
  for (const [index, value] of a.entries()) {
    const order = compare(value, b[index]!)
    if (order !== 0) return order
  }
  return 0
}
