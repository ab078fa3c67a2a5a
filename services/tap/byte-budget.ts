/** How many bytes the tap may hold at once, over all copies and queues. Taking never waits: it succeeds or not. */
export type ByteBudget = { take(sizeBytes: number): boolean; give(sizeBytes: number): void; heldBytes(): number }

export function createByteBudget(maxBytes: number): ByteBudget {
  let heldBytes = 0
  return {
    take(sizeBytes) {
      if (heldBytes + sizeBytes > maxBytes) return false
      heldBytes += sizeBytes
      return true
    },
    give(sizeBytes) {
      heldBytes -= sizeBytes
    },
    heldBytes: () => heldBytes,
  }
}
