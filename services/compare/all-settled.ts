/** All of them, or the first rejection once every other has ended: what a stop breaks off leaves nothing behind. */
export async function allSettled<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work)
  return await Promise.all(work)
}
