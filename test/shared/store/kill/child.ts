// A process of its own, to be killed: stores block after block and tells which are in. node child.ts FOLDER FIRST
import { openEmbedded } from '../../../../shared/store/embedded.ts'
import { blockOf } from './blocks.ts'

const [folder, first] = process.argv.slice(2)
const store = await openEmbedded(folder!, 'embedded')

/** Waits for the channel, so that what was told before a kill really happened before it. */
const tell = (message: number | 'open') => new Promise<void>((resolve) => process.send!(message, () => resolve()))

await tell('open')
for (let block = Number(first); ; block++) {
  await store.insert('comparisons', blockOf(block))
  await tell(block)
}
