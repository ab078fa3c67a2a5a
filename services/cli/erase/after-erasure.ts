import { type Store } from '../../../shared/store/store.ts'

/**
 * Called once when rows of `comparisons` and `exchanges` are gone: what is made from them by sums (roll-ups by the hour) has to be
 * made again for exchanges captured in `span`. There is nothing of the kind yet.
 */
export async function afterErasure(_store: Store, _span: { from: Date; until: Date }): Promise<void> {}
