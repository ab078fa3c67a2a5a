/** From `{sinceMs}` to `{untilMs}`, both included. */
export const inSpan = `captured_at >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
  AND captured_at <= fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')`
