/** A label without what models put around it: case, quotes, emphasis, a full stop, spacing. Signs stay: `-1` is not `1`. */
export function labelOf(text: string): string {
  const plain = labelAndRest(text).label.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
  return (
    plain
      .replace(/^["'“”‘’`*_]+/, '')
      .replace(/["'“”‘’`*_.]+$/, '')
      .trim() || plain
  )
}

/** Lines of fewer words are more labels. */
const reasonWords = 5
const maxLabelChars = 100

/** A first line of its own, where what follows is a reason in words, is the label; else all of it. */
export function labelAndRest(text: string): { label: string; rest: string } {
  const trimmed = text.trim()
  const end = trimmed.search(/[\r\n]/)
  if (end === -1 || end > maxLabelChars) return { label: trimmed, rest: '' }
  const rest = trimmed.slice(end).trim()
  const isReason = rest
    .split(/\r?\n/)
    .every((line) => line.trim() === '' || line.trim().split(/\s+/).length >= reasonWords)
  return isReason ? { label: trimmed.slice(0, end), rest } : { label: trimmed, rest: '' }
}
