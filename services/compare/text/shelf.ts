const size = 1 << 14
let shelf = new Int32Array(size)
let used = 0

/** The first `count` integers of a buffer, kept: as a part of a larger array, because one of its own costs more than to fill it. */
export function keep(buffer: Int32Array, count: number): Int32Array {
  if (used + count > shelf.length) {
    shelf = new Int32Array(Math.max(size, count))
    used = 0
  }
  const kept = new Int32Array(shelf.buffer, 4 * used, count)
  for (let at = 0; at < count; at++) kept[at] = buffer[at]!
  used += count
  return kept
}
