import { type Rates, type SelfHosted } from './price-row.ts'

const secondsPerHour = 3600

/**
 * What a million tokens cost on one's own hardware: its price per second, shared among the tokens it was measured to
 * handle in one. A deployment reads and writes at the same time, so its price is divided between both by `outputShare`.
 */
export function ratesOfHardware({ usdPerGpuHour, gpus, tokensPerSecond, outputShare }: SelfHosted): Rates {
  const usdPerSecond = (usdPerGpuHour * gpus) / secondsPerHour
  const perMillion = (share: number, throughput: number) => (usdPerSecond * share * 1_000_000) / throughput
  const input = perMillion(1 - outputShare, tokensPerSecond.input)
  // What is in the cache already costs no more than reading it anew, and nothing is charged for keeping it.
  return {
    input,
    cachedInput: input,
    cacheWrite: input,
    cacheWriteLong: input,
    output: perMillion(outputShare, tokensPerSecond.output),
    reasoning: null,
  }
}
