import { setTimeout as sleep } from 'node:timers/promises'

const firstMs = 100
const maxMs = 5_000

/** 100 ms, doubled per failure up to 5 s, with a fifth of jitter so that consumers do not knock in step. */
export function backoffMs(failures: number): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 10)) * (0.8 + Math.random() * 0.2)
}

/** Resolves after the wait, or at once when the signal aborts; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
}
