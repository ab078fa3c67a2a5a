/** `*` stands for any run of characters. Pieces are searched in order, so no pattern can be slow. */
export function glob(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return (text) => text === pattern
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
    let position = first.length
    for (const piece of rest) {
      const at = text.indexOf(piece, position)
      if (at === -1) return false
      position = at + piece.length
    }
    return position <= text.length - last.length
  }
}
