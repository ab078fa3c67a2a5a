/** Both texts of a pair, and the served one from arm to arm. */
const kept = 8

/**
 * What was worked out for the last few texts is not worked out again: rungs and scorers ask the same of a text, and the
 * served text stands against every arm. The value is shared: nobody may change it.
 */
export function remembered<Value>(work: (text: string) => Value): (text: string) => Value {
  const values = new Map<string, Value>()
  return (text) => {
    const known = values.get(text)
    if (known !== undefined) return known
    const value = work(text)
    if (values.size >= kept) values.delete(values.keys().next().value!)
    values.set(text, value)
    return value
  }
}
