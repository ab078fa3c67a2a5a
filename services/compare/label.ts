/** A label without what models put around it: case, quotes, emphasis, a full stop, spacing. Signs stay: `-1` is not `1`. */
export function labelOf(text: string): string {
  const plain = text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
  return (
    plain
      .replace(/^["'“”‘’`*_]+/, '')
      .replace(/["'“”‘’`*_.]+$/, '')
      .trim() || plain
  )
}
