export type Random = () => number

export const bell = (random: Random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

export const logNormal = (random: Random, sd: number) => Math.exp(sd * bell(random))

/** The place in `shares`, which add up to 1. */
export function drawn(shares: readonly number[], random: Random): number {
  let rest = random()
  const place = shares.findIndex((share) => (rest -= share) < 0)
  return place === -1 ? shares.length - 1 : place
}

/** A share of runs and its Monte-Carlo standard error. */
export type Share = { share: number; error: number; runs: number }

export function shareOf(hits: number, runs: number): Share {
  const share = hits / runs
  return { share, error: Math.sqrt((share * (1 - share)) / runs), runs }
}
