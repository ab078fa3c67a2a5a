/** What one arm may spend on one UTC day, counted in this process. */
export type Budget = {
  /**
   * Reserves what a call will probably cost. Where only calls in flight stand between it and the limit, it waits for
   * them: their real cost may leave room. So spending ends above the limit by one call at most.
   */
  reserve(estimateUsd: number): Promise<Reservation | 'reached'>
}

export type Reservation = {
  /** Puts the real cost in the estimate's place; null keeps the estimate, because unknown is not free. */
  settle(costUsd: number | null): void
}

export function createBudget(limitUsd: number, now: () => Date = () => new Date()): Budget {
  let day = ''
  let spentUsd = 0
  let reservedUsd = 0
  let waiting: (() => void)[] = []

  function settle(estimateUsd: number, costUsd: number | null): void {
    startDay()
    reservedUsd -= estimateUsd
    spentUsd += costUsd ?? estimateUsd
    for (const wake of waiting.splice(0)) wake()
  }

  function startDay(): void {
    const today = now().toISOString().slice(0, 10)
    if (today === day) return
    day = today
    spentUsd = 0
  }

  return {
    async reserve(estimateUsd) {
      for (;;) {
        startDay()
        if (spentUsd >= limitUsd) return 'reached'
        // Rounding may leave a trace of what was reserved and given back; alone, a call needs no room but the limit's.
        if (reservedUsd < 1e-9 || spentUsd + reservedUsd + estimateUsd <= limitUsd) break
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      reservedUsd += estimateUsd
      let open = true
      return {
        settle(costUsd) {
          if (open) settle(estimateUsd, costUsd)
          open = false
        },
      }
    },
  }
}
