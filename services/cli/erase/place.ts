/** Somewhere a record of an exchange can be. */
export type Place = {
  name: string
  /** Searches it. Null: it cannot be searched. */
  count(): Promise<number | null>
  /** `found`: what `count` said. Also where that is nothing, if what was deleted before may still be in its files. */
  erase(found: number | null): Promise<void>
}

/** `left` null: it cannot be told, and `note` says when it is gone. `isOpen`: not everything is gone, nor will be by itself. */
export type Line = {
  where: string
  found: number | null
  erased: number | null
  left: number | null
  note: string | null
  isOpen: boolean
}

export async function eraseFrom(place: Place, found: number | null): Promise<Line> {
  await place.erase(found)
  const left = await place.count()
  const erased = found === null || left === null ? null : Math.max(0, found - left)
  return { where: place.name, found, erased, left, note: null, isOpen: left === null || left > 0 }
}
