/** Work that goes through its inputs one after another, so that no cache of the last input lies. */
export type Work = () => void

const usualWarmUpMs = 400
/** As long as it takes until the code of all rungs is compiled for good. */
export const largeWarmUpMs = 5_000
const roundMs = 150
const rounds = 7

/**
 * CPU microseconds a call of each work, round by round, all works in each round. Until a work is compiled for good, which takes
 * a large one seconds, the compiler's threads are counted with it.
 */
export function cpuMicroseconds(works: readonly Work[], warmUpMs = usualWarmUpMs): number[][] {
  for (const work of works) timed(work, warmUpMs)
  const measured: number[][] = works.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [place, work] of works.entries()) measured[place]!.push(timed(work, roundMs))
  }
  return measured
}

function timed(work: Work, forMs: number): number {
  const before = process.cpuUsage()
  let calls = 0
  let spent = 0
  while (spent < forMs * 1000) {
    work()
    calls++
    const { user, system } = process.cpuUsage(before)
    spent = user + system
  }
  return spent / calls
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)]!
}

/** Median over the rounds of theirs by ours: what the machine did besides falls on both. */
export const ratio = (ours: readonly number[], theirs: readonly number[]): number =>
  median(ours.map((own, round) => theirs[round]! / own))

/** Calls `work` with each input in turn, `batch` of them a call. */
export function through<Input>(inputs: readonly Input[], batch: number, work: (input: Input) => void): Work {
  let next = 0
  return () => {
    for (let done = 0; done < batch; done++) work(inputs[next++ % inputs.length]!)
  }
}
