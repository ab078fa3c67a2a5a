/** The value is worked out when it is first asked for, and once. */
export function lazy<Value>(work: () => Value): () => Value {
  let made: { value: Value } | undefined
  return () => (made ??= { value: work() }).value
}
