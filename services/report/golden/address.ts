import { canonicalJson } from '../../../shared/canonical-json.ts'
import { type GoldenItem, type GoldenSpec } from '../../../shared/contracts/golden.ts'
import { sha256Hex } from '../../../shared/ids.ts'

/** Item as it is kept, and what it is known by. */
export type Sealed = { content: string; hash: string }

export function sealItem(item: GoldenItem): Sealed {
  const content = canonicalJson(item)
  return { content, hash: sha256Hex(content) }
}

export type Manifest = {
  name: string
  setVersion: number
  parent: string | null
  spec: GoldenSpec
  itemHashes: readonly string[]
}

/** Of the hashes of the items, so that it can be checked when some of them are erased. */
export function addressOf({ name, setVersion, parent, spec, itemHashes }: Manifest): string {
  return `sha256:${sha256Hex(canonicalJson({ name, setVersion, parent, spec, itemHashes }))}`
}
