import { type LogConfig } from '../../../../shared/config/schema.ts'

export const concurrency = 4

/** Short, so that the next worker need not wait long for the places and partitions of the one that was killed. */
export const leaseMs = { embedded: 600, kafka: 1500 }

/** What a worker to be killed is told. */
export type Orders = { log: LogConfig; providerUrl: string }
