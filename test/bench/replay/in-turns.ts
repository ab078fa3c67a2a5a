export type Load = { cpuUs: number; perSecond: number }

/** A closed loop: as many calls at once, one after the other, while there shall be more. */
export async function inTurns(
  call: () => Promise<unknown>,
  isMore: (made: number) => boolean,
  atOnce: number,
): Promise<Load> {
  let calls = 0
  const startedAtMs = performance.now()
  const before = process.cpuUsage()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (isMore(calls)) {
        calls++
        await call()
      }
    }),
  )
  const { user, system } = process.cpuUsage(before)
  return { cpuUs: (user + system) / calls, perSecond: (1000 * calls) / (performance.now() - startedAtMs) }
}
