const size = 1 << 14
let shelf = new Int32Array(size)
let used = 0

/** Room for `count` integers, as a part of a larger array: one of its own costs more than to fill it. */
export function room(count: number): Int32Array {
  if (used + count > shelf.length) {
    shelf = new Int32Array(Math.max(size, count))
    used = 0
  }
  const part = new Int32Array(shelf.buffer, 4 * used, count)
  used += count
  return part
}

/** The first `count` integers of a buffer, kept. */
export function keep(buffer: Int32Array, count: number): Int32Array {
  const kept = room(count)
  for (let at = 0; at < count; at++) kept[at] = buffer[at]!
  return kept
}
