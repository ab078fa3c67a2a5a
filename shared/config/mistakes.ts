/** One thing wrong with the config: where, and what to write instead. Never holds a secret's value. */
export type Mistake = { line: number; path: readonly PropertyKey[]; message: string }

/** All mistakes at once, in the order of the file. */
export function formatMistakes(file: string, mistakes: readonly Mistake[]): string {
  const rows = mistakes
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, path, message }) => ({ line: String(line), path: formatPath(path), message }))
  const lineWidth = Math.max(...rows.map((row) => row.line.length))
  const pathWidth = Math.max(...rows.map((row) => row.path.length))
  const lines = rows.map(
    (row) => `  line ${row.line.padStart(lineWidth)}  ${row.path.padEnd(pathWidth)}   ${row.message}`,
  )
  return [`${file} is not usable:`, ...new Set(lines)].join('\n')
}

/** `candidates[0].timeoutMs` */
export function formatPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(whole file)'
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
}
