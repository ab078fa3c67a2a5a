import { setTimeout as sleep } from 'node:timers/promises'
import { type ConsumeOptions, type Consumer, type Delivery, type TopicLog } from '../../../shared/log/topic-log.ts'

/** Waits until the condition holds; fails with what was hoped for. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`after ${timeoutMs} ms still not: ${what}`)
    await sleep(10)
  }
}

export type Reader = { consumer: Consumer; deliveries: Delivery[]; keys: () => string[]; fatal: Error[] }

/** A consumer of `exchanges` that keeps what it was given, after the handler (if any) accepted it. */
export async function startReader(log: TopicLog, options: Partial<ConsumeOptions> = {}): Promise<Reader> {
  const deliveries: Delivery[] = []
  const fatal: Error[] = []
  const consumer = await log.consume({
    topics: ['exchanges'],
    group: 'replay',
    maxBatch: 10,
    onFatal: (err) => fatal.push(err),
    ...options,
    handle: async (batch, context) => {
      await options.handle?.(batch, context)
      deliveries.push(...batch)
    },
  })
  return { consumer, deliveries, keys: () => deliveries.map((delivery) => delivery.key), fatal }
}

/** Keys spread over the partitions, with a small JSON value each. */
export function someRecords(count: number, prefix = 'key'): { key: string; value: string }[] {
  return Array.from({ length: count }, (_, index) => ({ key: `${prefix}-${index}`, value: `{"index":${index}}` }))
}
