/** May the text hold a number that does not fit a double? Cheap, and right in all cases but some long strings. */
const suspicious = /\d(?:\d{15}|[eE]\+?\d{3})/

/** Does JSON text hold a whole number that reading and writing it changes? `JSON.parse` rounds above 2^53. */
export function losesNumbers(source: string): boolean {
  if (!suspicious.test(source)) return false
  let lost = false
  try {
    JSON.parse(source, (_, value: unknown, context?: { source?: string }) => {
      if (typeof value === 'number' && context?.source !== undefined) lost ||= !isExact(value, context.source)
      return value
    })
  } catch {
    return false
  }
  return lost
}

function isExact(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false
  // Written again it must be the same number, whatever lies between in memory.
  return !/^-?\d+$/.test(source) || String(value) === source || BigInt(source) === BigInt(value)
}
