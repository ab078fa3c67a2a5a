/** By these columns, as the engine orders texts. */
export function byText<Row extends object>(a: Row, b: Row, ...names: (keyof Row)[]): number {
  for (const name of names) if (a[name] !== b[name]) return a[name] < b[name] ? -1 : 1
  return 0
}
