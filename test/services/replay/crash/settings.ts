export const concurrency = 4
/** Short, so that the next worker need not wait long for the places and partitions of the one that was killed. */
export const leaseMs = 600
